// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "store/mailbox/behind/write_behind.h"

#include <algorithm>
#include <system_error>
#include <utility>

#include "proto/base/files.h"
#include "store/maildir/maildir.h"

namespace store {

bool WriteBehind::has_work() const {
  state_.change_mutex.assert_held();
  return under_way_ || state_.owes() || !state_.pending.empty() || !state_.doomed.files.empty() ||
         claims_noted_ != state_.table().claimed();
}

bool WriteBehind::note_claims() {
  state_.change_mutex.assert_held();
  const auto& table = state_.table();
  const auto claimed = table.claimed();
  if (claims_noted_ == claimed) return false;
  Change change(state_);
  change.commit({}, {}, false);
  bool work = false;
  table.for_each(imap::UidSet::between(claims_noted_.next(), claimed), [&](const Row& row) {
    state_.change_mutex.assert_held();
    if (!row.in_new) return;
    state_.pending.add(row.uid);
    work = true;
  });
  claims_noted_ = claimed;
  return work;
}

bool WriteBehind::is_due() {
  state_.change_mutex.lock_behind();
  const ChangeLock lock(state_.change_mutex, base::kAdopt);
  if (state_.deleted) return false;
  note_claims();
  pay_debts();
  if (state_.names_rest && !state_.core.names_rest && !state_.pending.empty()) state_.queue_misnamed();
  return !state_.pending.empty() || !state_.doomed.files.empty();
}

bool WriteBehind::round() {
  if (!is_due()) return false;
  state_.core.foreground.wait_until_quiet();
  const base::MutexLock round(round_mutex_);
  Chores chores;
  {
    state_.change_mutex.lock_behind();
    const ChangeLock lock(state_.change_mutex, base::kAdopt);
    if (state_.deleted) return false;
    chores = take_up();
    if (chores.empty()) return false;
    under_way_ = true;
  }
  chores.do_all(state_.core.foreground);
  state_.change_mutex.lock_behind();
  const ChangeLock lock(state_.change_mutex, base::kAdopt);
  under_way_ = false;
  if (state_.deleted) return false;  // with its files and records
  return conclude(chores);
}

WriteBehind::Chores WriteBehind::take_up() {
  Chores out{.directory = state_.directory(), .core = &state_.core, .renames = {}, .unlinks = {}, .complaint = {}};
  const auto& table = state_.table();
  const auto most = state_.core.foreground.is_busy() ? kLeast : kPiece;
  imap::UidSet taken;
  for (const auto& range : state_.pending.ranges()) {
    for (auto uid = imap::Uid(range.first); uid.value <= range.last && out.renames.size() < most; uid = uid.next()) {
      taken.add(uid);
      const auto* row = table.find(uid);
      if (row == nullptr || !table.is_misnamed(*row)) continue;
      out.renames.push_back({uid, MessageTable::path_of(*row), table.wanted_path(*row)});
    }
    if (out.renames.size() >= most) break;
  }
  state_.pending = state_.pending.minus(taken);
  state_.write([&](MessageTable& all) {
    for (const auto& rename : out.renames) all.begin_rename(rename.uid, rename.to);
  });
  const auto count = std::min(state_.doomed.files.size(), most);
  for (std::size_t i = 0; i < count; ++i)
    out.unlinks.push_back({state_.doomed.files[i], removal_line(state_.doomed.files[i])});
  return out;
}

void WriteBehind::Chores::do_rename(Rename& rename) {
  rename.outcome = attempt([&] { return base::rename_if_exists(directory / rename.from, directory / rename.to); });
}

void WriteBehind::Chores::do_all(const Foreground& foreground) {
  std::size_t done = 0;
  for (auto& rename : renames) {
    if (done >= kLeast && foreground.is_busy()) return;
    do_rename(rename);
    ++done;
  }
  do_unlinks(foreground, done);
}

void WriteBehind::conclude_rename(Draft& draft, Chores& chores, Rename& rename) {
  const auto& table = state_.table();
  const auto* row = table.find(rename.uid);
  if (row == nullptr) {
    // Expunged meanwhile under the old name: the file has the new one.
    if (rename.outcome == Outcome::Done) state_.doomed.add(rename.uid, rename.to);
    return;
  }
  Row after = *row;
  if (MessageTable::path_of(*row) == rename.from) {  // else somebody has renamed it since, and a scan saw that
    if (rename.outcome == Outcome::NoRoom) give_other_base(*row, chores, rename);
    if (rename.outcome == Outcome::Gone) state_.dirty = true;  // somebody else took or renamed it: the next check tells
    if (rename.outcome == Outcome::Done) {
      after.in_new = rename.to.starts_with("new/");
      after.name = rename.to.substr(4);
    }
  }
  if (rename.outcome == Outcome::Later || rename.outcome == Outcome::Blocked ||
      (rename.outcome == Outcome::Done && table.is_misnamed(after)))
    draft.rename_later(after.uid);
  draft.update(std::move(after));
}

// A name that another program gave may have no room for flags.
void WriteBehind::give_other_base(const Row& row, Chores& chores, Rename& rename) {
  Row after = row;
  after.name = base_like(parse_maildir_name(row.name), row.uid);
  rename.to = state_.table().wanted_path(after);
  chores.do_rename(rename);
  if (rename.outcome == Outcome::Done)
    state_.core.options.log.warning("a file's name had no room for its flags",
                                    {{"mailbox", state_.name().utf8()}, {"renamed", rename.from}, {"to", rename.to}});
}

void WriteBehind::conclude_unlinks(Draft& draft, const Chores& chores) {
  const auto is_later = [](const Unlink& unlink) { return unlink.outcome == Outcome::Later; };
  draft.forget_doomed(
      static_cast<std::size_t>(std::ranges::find_if(chores.unlinks, is_later) - chores.unlinks.begin()));
  for (const auto& unlink : chores.unlinks)
    if (unlink.outcome == Outcome::Blocked) draft.keep_doomed(unlink.file);
}

bool WriteBehind::conclude(Chores& chores) {
  Change change(state_);
  auto& draft = change.draft();
  draft.end_renames();
  for (auto& rename : chores.renames) conclude_rename(draft, chores, rename);
  conclude_unlinks(draft, chores);
  complain(chores);
  commit(change, chores);
  const auto is_blocked = [](const auto& chore) { return chore.outcome == Outcome::Blocked; };
  const bool all_blocked =
      std::ranges::all_of(chores.renames, is_blocked) && std::ranges::all_of(chores.unlinks, is_blocked);
  return !all_blocked && (!state_.pending.empty() || !state_.doomed.files.empty());
}

// Where the index cannot be written the files are as they are: the names are taken up by the next round, which finds
// them by the rows' `renaming`.
void WriteBehind::commit(Change& change, const Chores& chores) {
  try {
    change.commit({}, {}, false);
  } catch (...) {
    for (const auto& rename : chores.renames) state_.pending.add(rename.uid);
    state_.write([](MessageTable& table) { table.end_renames(); });
    state_.dirty = true;
    throw;
  }
}

void WriteBehind::complain(const Chores& chores) {
  if (!chores.complaint.empty() && chores.complaint != complaint_)
    state_.core.options.log.warning("a file cannot be renamed or removed",
                                    {{"mailbox", state_.name().utf8()}, {"why", chores.complaint}});
  complaint_ = chores.complaint;
}

void WriteBehind::pay_debts() {
  if (!state_.owes()) return;
  Change change(state_);
  change.prepare();
  change.commit({}, {}, false);
}

}  // namespace store
