// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// What follows behind: files get the names that the index wants, and those of expunged messages are unlinked. Done in
// pieces by the store's worker. While a name is being changed the row still has the old one; readers try both.
#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include "store/mailbox/mailbox_impl.h"

namespace store {

namespace {
constexpr std::size_t kPiece = 1000;

void unlink_by_base(const std::filesystem::path& directory, const std::unordered_set<std::string>& bases) {
  for (const char* part : {"new", "cur"}) {
    std::vector<std::string> found;
    for_each_name(directory / part, [&](std::string_view name) {
      if (bases.contains(std::string(parse_maildir_name(name).base))) found.emplace_back(name);
    });
    for (const auto& name : found) base::unlink_if_exists(directory / part / name);
  }
}

struct OpenedMessage {
  std::optional<base::FileDescriptor> file;
  bool is_there = false;  // without a file: not for us to read, or no file
};

OpenedMessage open_message(const std::filesystem::path& path) {
  // A pipe that somebody put there must not be waited for.
  base::FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (!file && (errno == ENOENT || errno == ENOTDIR)) return {};
  if (!file && (errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == EIO))
    throw std::system_error(errno, std::generic_category(), path.string());
  struct stat status{};
  if (!file || ::fstat(file.get(), &status) < 0 || !S_ISREG(status.st_mode)) return {std::nullopt, true};
  return {std::move(file), true};
}

}  // namespace

// A mailbox that is being changed has something to do.
bool MailboxImpl::has_work() const {
  const std::unique_lock lock(state_.change_mutex, std::try_to_lock);
  return !lock || working_ || state_.owes() || !state_.pending.empty() || !state_.doomed.files.empty() ||
         claims_noted_ != table().claimed();
}

bool MailboxImpl::is_idle() const {
  const std::unique_lock lock(state_.change_mutex, std::try_to_lock);
  return lock && !working_ && !state_.owes() && state_.pending.empty() && state_.doomed.files.empty() &&
         growing_.empty() && !knows_rewritten() && touched_.empty() && !dirty_ && !owes_look_ && !events_.any() &&
         claims_noted_ == table().claimed();
}

bool MailboxImpl::is_told() const {
  if (dirty_ || owes_look_ || events_.any() || knows_rewritten()) return true;
  const std::unique_lock lock(state_.change_mutex, std::try_to_lock);
  return lock && !touched_.empty();
}

MailboxImpl::Chores MailboxImpl::take_chores() {
  Chores out{.directory = state_.directory, .renames = {}, .unlinks = {}, .complaint = {}};
  imap::UidSet taken;
  for (const auto& range : state_.pending.ranges()) {
    for (auto uid = imap::Uid(range.first); uid.value <= range.last && out.renames.size() < kPiece; uid = uid.next()) {
      taken.add(uid);
      const auto* row = table().find(uid);
      if (row == nullptr || !table().is_misnamed(*row)) continue;
      out.renames.push_back({uid, MessageTable::path_of(*row), table().wanted_path(*row)});
    }
    if (out.renames.size() >= kPiece) break;
  }
  state_.pending = state_.pending.minus(taken);
  {
    const std::lock_guard lock(state_.table_mutex);
    for (const auto& rename : out.renames) state_.table.begin_rename(rename.uid, rename.to);
  }
  const auto count = std::min(state_.doomed.files.size(), kPiece);
  for (std::size_t i = 0; i < count; ++i)
    out.unlinks.push_back({state_.doomed.files[i].first, state_.doomed.files[i].second});
  return out;
}

// One file that cannot be renamed or removed holds up no other. f() says whether the file was there.
template <class F>
MailboxImpl::Outcome MailboxImpl::Chores::attempt(const F& f) {
  try {
    return f() ? Outcome::Done : Outcome::Gone;
  } catch (const std::system_error& error) {
    if (error.code() == std::errc::filename_too_long) return Outcome::NoRoom;
    complaint = error.what();
    return Outcome::Blocked;
  }
}

void MailboxImpl::Chores::do_rename(Rename& rename) {
  rename.outcome = attempt([&] { return base::rename_if_exists(directory / rename.from, directory / rename.to); });
}

void MailboxImpl::Chores::do_all() {
  for (auto& rename : renames) do_rename(rename);
  std::unordered_set<std::string> astray;  // bases of files that somebody else has renamed meanwhile
  for (auto& unlink : unlinks) {
    unlink.outcome = attempt([&] { return base::unlink_if_exists(directory / unlink.path); });
    if (unlink.outcome == Outcome::Gone)
      astray.emplace(parse_maildir_name(std::string_view(unlink.path).substr(4)).base);
  }
  if (astray.empty()) return;
  const auto outcome = attempt([&] {
    unlink_by_base(directory, astray);
    return true;
  });
  if (outcome == Outcome::Done) return;
  for (auto& unlink : unlinks)
    if (unlink.outcome == Outcome::Gone) unlink.outcome = outcome;
}

void MailboxImpl::conclude_rename(Draft& draft, Chores& chores, Rename& rename) {
  const auto* row = table().find(rename.uid);
  if (row == nullptr) {
    // Expunged meanwhile under the old name: the file has the new one.
    if (rename.outcome == Outcome::Done) state_.doomed.add(rename.uid, rename.to);
    return;
  }
  Row after = *row;
  if (MessageTable::path_of(*row) == rename.from) {  // else somebody has renamed it since, and a scan saw that
    if (rename.outcome == Outcome::NoRoom) give_other_base(*row, chores, rename);
    if (rename.outcome == Outcome::Gone) dirty_ = true;  // somebody else took or renamed it: the next check tells
    if (rename.outcome == Outcome::Done) {
      after.in_new = rename.to.starts_with("new/");
      after.name = rename.to.substr(4);
    }
  }
  if (rename.outcome == Outcome::Blocked || (rename.outcome == Outcome::Done && table().is_misnamed(after)))
    draft.rename_later(after.uid);
  draft.update(std::move(after));
}

// A name that another program gave may have no room for flags.
void MailboxImpl::give_other_base(const Row& row, Chores& chores, Rename& rename) {
  Row after = row;
  after.name = base_like(parse_maildir_name(row.name), row.uid);
  rename.to = table().wanted_path(after);
  chores.do_rename(rename);
  if (rename.outcome == Outcome::Done)
    core_.options.log.warning("a file's name had no room for its flags",
                              {{"mailbox", state_.name.utf8()}, {"renamed", rename.from}, {"to", rename.to}});
}

void MailboxImpl::conclude_unlinks(Draft& draft, const Chores& chores) {
  draft.forget_doomed(chores.unlinks.size());
  for (const auto& unlink : chores.unlinks)
    if (unlink.outcome == Outcome::Blocked) draft.keep_doomed(unlink.uid, unlink.path);
}

// Where the index cannot be written the files are as they are: the names are taken up by the next round, which finds
// them by the rows' `renaming`.
bool MailboxImpl::conclude_chores(Chores& chores) {
  Change change(state_);
  auto& draft = change.draft();
  draft.end_renames();
  for (auto& rename : chores.renames) conclude_rename(draft, chores, rename);
  conclude_unlinks(draft, chores);
  if (!chores.complaint.empty() && chores.complaint != complaint_)
    core_.options.log.warning("a file cannot be renamed or removed",
                              {{"mailbox", state_.name.utf8()}, {"why", chores.complaint}});
  complaint_ = chores.complaint;
  try {
    change.commit({}, {}, false);
  } catch (...) {
    for (const auto& rename : chores.renames) state_.pending.add(rename.uid);
    const std::lock_guard table(state_.table_mutex);
    state_.table.end_renames();
    dirty_ = true;
    throw;
  }
  const auto is_blocked = [](const auto& chore) { return chore.outcome == Outcome::Blocked; };
  const bool all_blocked =
      std::ranges::all_of(chores.renames, is_blocked) && std::ranges::all_of(chores.unlinks, is_blocked);
  return !all_blocked && (!state_.pending.empty() || !state_.doomed.files.empty());
}

void MailboxImpl::pay_debts() {
  if (!state_.owes()) return;
  Change change(state_);
  change.prepare();
  change.commit({}, {}, false);
}

bool MailboxImpl::work() {
  const std::lock_guard working(work_mutex_);
  Chores chores;
  {
    const std::lock_guard lock(state_.change_mutex);
    if (deleted_) return false;
    note_claims();
    pay_debts();
    chores = take_chores();
    if (chores.renames.empty() && chores.unlinks.empty()) return false;
    working_ = true;
  }
  chores.do_all();
  const std::lock_guard lock(state_.change_mutex);
  working_ = false;
  if (deleted_) return false;  // with its files and records
  return conclude_chores(chores);
}

bool MailboxImpl::settle() {
  if (look_again()) return false;
  std::pair<std::int64_t, std::int64_t> times;
  {
    const std::unique_lock lock(state_.change_mutex, std::try_to_lock);
    if (!lock) return false;
    if (!deleted_ && (!growing_.empty() || !look_at_some_sizes() || knows_rewritten())) return false;
    if (deleted_ || has_closed_ || !is_watched())
      return true;  // where nothing tells of changes only a scan knows a directory
    times = directory_times();
  }
  core_.watch->drain();  // tells all that happened before those times
  const std::unique_lock lock(state_.change_mutex, std::try_to_lock);
  if (!lock) return false;
  if (deleted_ || has_closed_) return true;
  digest();
  if (dirty_ || !touched_.empty()) return true;  // a check comes, and settles afterwards
  if (times.first == 0 || times.second == 0 || working_ || !state_.pending.empty() || !state_.doomed.files.empty() ||
      !growing_.empty())
    return false;
  if (times.first == table().record().cur_changed && times.second == table().record().new_changed) return true;
  Change change(state_);
  change.draft().record.cur_changed = times.first;
  change.draft().record.new_changed = times.second;
  change.commit({}, {}, false);
  return true;
}

std::optional<base::FileDescriptor> MailboxImpl::open_file(imap::Uid uid, std::string& name) const {
  for (int attempt = 0; attempt < 3; ++attempt) {
    std::vector<std::string> paths;
    std::filesystem::path directory;
    {
      const std::lock_guard lock(state_.table_mutex);
      const auto* row = state_.table.find(uid);
      if (row == nullptr) return std::nullopt;
      paths = state_.table.paths_of(*row);
      directory = state_.directory;
    }
    for (const auto& path : paths) {
      auto opened = open_message(directory / path);
      if (opened.file) {
        name = path.substr(4);
        return std::move(opened.file);
      }
      if (!opened.is_there) continue;
      core_.options.log.warning("a message cannot be read", {{"file", (directory / path).string()}});
      return std::nullopt;
    }
    auto* self = const_cast<MailboxImpl*>(this);  // looking at the directory changes what we know, not what there is
    self->dirty_ = true;
    self->check();
  }
  return std::nullopt;
}

}  // namespace store
