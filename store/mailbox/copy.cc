// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// COPY and MOVE.
//
// 1. Each file gets a second name in the destination (a hard link; a copy of its octets where there can be none).
// 2. The destination's directories are synced.
// 3. One batch makes the new rows, and for a move takes the old ones out and dooms their files.
// 4. The worker unlinks those.
// The new files are doomed until 3, so that a crash before it undoes them; the source is whole until 3. A file that
// somebody else has removed meanwhile makes a copy fail, as it must be whole, and is left out of a move. Messages whose
// text is not here yet are neither copied nor moved before it is: TextElsewhere is thrown, and nothing has happened.
#include <algorithm>
#include <cerrno>
#include <set>

#include "proto/base/clock.h"
#include "store/copied_messages.h"
#include "store/mailbox/change.h"
#include "store/mailbox/mailbox_impl.h"
#include "store/mailbox/refusal.h"

namespace store {

namespace {

void copy_octets(int from, int to) {
  std::string buffer(256 * 1024, 0);
  for (std::uint64_t at = 0;;) {
    const auto n = base::read_some_at(from, at, buffer);
    if (n == 0) return;
    base::write_all(to, std::string_view(buffer).substr(0, n));
    at += n;
  }
}

// What was copied is told to the sync, in the same batch. Everything given outlives what is returned.
AtCommit noting(const std::string& from, const std::string& to, const std::vector<imap::Uid>& sources,
                const AtCommit& at_commit) {
  return [&](std::span<const imap::Uid> uids, StateBatch& batch) {
    if (at_commit) at_commit(uids, batch);
    CopyNote note{{to, {}}, {from, {}}, base::unix_now()};
    for (std::size_t i = 0; i < uids.size(); ++i) {
      note.copy.uid = uids[i];
      note.original.uid = sources[i];
      batch.put(note.key(), note.value());
    }
  };
}

}  // namespace

// What is copied or moved, and what it becomes there. Both mailboxes' change_mutex is held.
struct MailboxImpl::Copying {
  MailboxImpl& to;
  bool move;
  Change change;
  std::vector<imap::Uid> sources;  // whose rows stay where they are until the commit
  Draft& there() { return change.draft(); }
};

base::Result<Copied> MailboxImpl::copy_to(const imap::UidSet& uids, Mailbox& to, const AtCommit& at_commit,
                                          const std::string& by) {
  return copy_or_move(uids, dynamic_cast<MailboxImpl&>(to), false, {at_commit, by});
}

base::Result<Copied> MailboxImpl::move_to(const imap::UidSet& uids, Mailbox& to, const AtCommit& at_commit,
                                          const std::string& by) {
  return copy_or_move(uids, dynamic_cast<MailboxImpl&>(to), true, {at_commit, by});
}

// False: the file is gone. Its name may be changing behind us: it is one of those that it can have.
bool MailboxImpl::duplicate(const Row& source, const Row& row, Copying& copying) const {
  copying.to.state_.change_mutex.assert_held();
  const auto& there = copying.to.state_.directory();
  const auto target = there / MessageTable::path_of(row);
  for (const auto& path : state_.table().paths_of(source)) {
    try {
      base::link_file(state_.directory() / path, target);
      return true;
    } catch (const std::system_error& error) {
      if (error.code().value() == ENOENT) continue;
      if (!cannot_be_linked(error.code().value())) throw;
    }
    const auto from = base::open_read_if_exists(state_.directory() / path);
    if (!from) continue;
    const auto temporary = there / "tmp" / base::unique_name();
    copying.change.stage(temporary);
    const auto file = base::create_new(temporary);
    copy_octets(from->get(), file.get());
    base::set_modification_time(file.get(), row.internal_date);
    if (core_.options.sync_to_disk) base::sync_data(file.get());
    base::rename_file(temporary, target);
    return true;
  }
  return false;
}

Row MailboxImpl::row_like(const Row& source, imap::Uid uid, Draft& there) const {
  Row row = source;
  row.uid = uid;
  row.modseq = there.modseq();
  imap::FlagSet flags;
  state_.table().keywords().add_to(flags, source.keywords);
  row.keywords = there.intern(flags.keywords());
  row.in_new = row.system_flags == 0 && row.keywords == 0;
  const auto name = parse_maildir_name(source.name);
  auto text = base_like(name, uid);
  if (!row.in_new) text += format_info(row.system_flags, there.keywords().letters(row.keywords), name.unknown_letters);
  row.name = text;
  return row;
}

// Steps 1 and 2. False: something is gone, and this is no move.
bool MailboxImpl::make_files(Copying& copying) const {
  auto& there = copying.there();
  for (const auto uid : copying.sources) {
    auto row = row_like(*table().find(uid), there.record.uid_next, there);
    there.note_keywords(row, 0);
    there.add(std::move(row), true);
  }
  copying.change.prepare();
  imap::UidSet missing;
  std::vector<imap::Uid> sources;
  for (std::size_t i = 0; i < copying.sources.size(); ++i) {
    const auto& row = there.added()[i];
    if (duplicate(*table().find(copying.sources[i]), row, copying)) {
      sources.push_back(copying.sources[i]);
      continue;
    }
    if (!copying.move) return false;
    missing.add(row.uid);
  }
  copying.sources = std::move(sources);
  there.leave_out(missing);
  copying.to.state_.change_mutex.assert_held();
  sync_names(there, copying.to.state_.directory());
  return true;
}

// Step 3. A copy has its original's content, as its file is the same (where octets were copied, whoever opens the file
// sees that it is another, and reads it). Nobody can sweep the content meanwhile: the original is locked.
void MailboxImpl::commit(Copying& copying, const WrittenWith& with, std::span<const imap::Uid> uids) {
  auto& there = copying.there();
  there.story = {.by = client_or(with.by), .from_id = state_.id, .moved = copying.move};
  for (const auto uid : copying.sources) there.story.from.add(uid);
  there.record.highest_modseq = there.modseq();
  const auto links = core_.contents->are_usable() ? core_.index->cursor(Table::Rows) : nullptr;
  there.write_with_added([&](IndexBatch& batch, std::size_t i) {
    if (!links) return;
    if (const auto link = links->find(keys::content_link(state_.id, copying.sources[i])))
      batch.put(keys::content_link(copying.to.state_.id, there.added()[i].uid), *link);
  });
  if (copying.move) {
    auto& here = copying.change.draft_of(state_);
    here.record.highest_modseq = here.modseq();
    here.story.moves_away = true;
    for (const auto uid : copying.sources) here.expunge(*table().find(uid));
  }
  imap::UidSet growing;
  for (const auto& row : there.added())
    if (row.growing) growing.add(row.uid);
  const auto noted = noting(state_.id, copying.to.state_.id, copying.sources, with.at_commit);
  copying.change.commit(core_.notes_copies ? noted : with.at_commit, uids);
  growing.for_each([&](imap::Uid uid) {  // its writer writes to the copy too
    copying.to.state_.change_mutex.assert_held();
    copying.to.growing_[uid];
  });
  if (!growing.empty()) core_.work_later(copying.to.shared_from_this());
}

// Why it cannot be; otherwise what is to be copied.
base::Result<std::vector<imap::Uid>> MailboxImpl::sources_for(const imap::UidSet& uids, const MailboxImpl& to,
                                                              bool move) const {
  for (const auto* mailbox : {this, &to})
    if (auto alive = mailbox->check_alive(); !alive) return std::unexpected(alive.error());
  std::vector<imap::Uid> out;
  imap::FlagSet keywords;
  std::set<Keywords::Set> sets;
  imap::UidSet elsewhere;
  state_.table().for_each(uids, [&](const Row& row) {
    state_.change_mutex.assert_held();
    if (row.elsewhere) elsewhere.add(row.uid);
    out.push_back(row.uid);
    if (sets.insert(row.keywords).second) state_.table().keywords().add_to(keywords, row.keywords);
  });
  if (!elsewhere.empty()) throw TextElsewhere(std::move(elsewhere));
  if (auto room = to.check_room_for(keywords, to.table()); !room) return std::unexpected(room.error());
  if (!move && out.size() < uids.size()) return base::refuse(base::Reason::Expunged, "some of the messages are gone");
  return out;
}

base::Result<Copied> MailboxImpl::copy_locked(const imap::UidSet& uids, MailboxImpl& to, bool move,
                                              const WrittenWith& with) {
  Copied out;
  auto sources = sources_for(uids, to, move);
  if (!sources) return std::unexpected(sources.error());
  out.uid_validity = to.state_.table().record().uid_validity;
  if (sources->empty()) return out;
  const auto wanted = sources->size();
  Copying copying{.to = to, .move = move, .change = Change(to.state_), .sources = std::move(*sources)};
  if (auto room = copying.there().reserve_uids(wanted); !room) return std::unexpected(room.error());
  const bool whole = make_files(copying);
  if (!whole || copying.sources.size() < wanted) state_.dirty = true;
  if (!whole) return base::refuse(base::Reason::Expunged, "some of the messages are gone");
  if (copying.sources.empty()) return out;
  out.from = copying.sources;
  for (const auto& row : copying.there().added()) out.to.push_back(row.uid);
  commit(copying, with, out.to);
  return out;
}

base::Result<Copied> MailboxImpl::copy_or_move(const imap::UidSet& uids, MailboxImpl& to, bool move,
                                               const WrittenWith& with) {
  base::Result<Copied> out;
  try {
    const Foreground::Busy busy(core_.foreground);
    const BothChangesLock lock(state_.change_mutex, to.state_.change_mutex);
    out = copy_locked(uids, to, move, with);
  } catch (...) {
    return to.failed();
  }
  const bool copied = out && !out->to.empty();
  if (copied) to.changed();
  if (copied && move && this != &to) changed();
  if (state_.dirty || (copied && move)) core_.work_later(shared_from_this());
  return out;
}

}  // namespace store
