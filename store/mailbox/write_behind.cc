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

bool MailboxImpl::has_work() const {
  const std::lock_guard lock(mutex_);
  return working_ || !pending_.empty() || !doomed_.empty();
}

bool MailboxImpl::is_idle() const {
  const std::lock_guard lock(mutex_);
  return !working_ && pending_.empty() && doomed_.empty() && growing_.empty() && touched_.empty() && !dirty_ &&
         !events_.any();
}

MailboxImpl::Chores MailboxImpl::take_chores() {
  Chores out{.directory = directory_, .renames = {}, .unlinks = {}, .complaint = {}};
  for (auto it = pending_.begin(); it != pending_.end() && out.renames.size() < kPiece;) {
    const auto row = find(*it);
    it = pending_.erase(it);
    if (row == rows_.end() || !is_pending(*row)) continue;
    out.renames.push_back({row->uid, path_of(*row), (wants_new(*row) ? "new/" : "cur/") + name_for(*row)});
    renaming_[row->uid.value] = out.renames.back().to;
  }
  const auto count = std::min(doomed_.size(), kPiece);
  for (std::size_t i = 0; i < count; ++i) out.unlinks.push_back({doomed_[i].first, doomed_[i].second});
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

void MailboxImpl::conclude_rename(IndexBatch& batch, Chores& chores, Rename& rename) {
  const auto row = find(rename.uid);
  if (row == rows_.end()) {
    // Expunged meanwhile under the old name: the file has the new one.
    if (rename.outcome == Outcome::Done) doom(rename.uid, rename.to);
    return;
  }
  if (path_of(*row) == rename.from) {  // else somebody has renamed it since, and a scan saw that
    if (rename.outcome == Outcome::NoRoom) give_other_base(*row, chores, rename);
    if (rename.outcome == Outcome::Gone) dirty_ = true;  // somebody else took or renamed it: the next check tells
    if (rename.outcome == Outcome::Done) {
      row->in_new = rename.to.starts_with("new/");
      row->name = rename.to.substr(4);
    }
  }
  if (rename.outcome == Outcome::Blocked || (rename.outcome == Outcome::Done && is_pending(*row)))
    pending_.insert(row->uid);
  put_row(batch, *row);
}

// A name that another program gave may have no room for flags.
void MailboxImpl::give_other_base(const Row& row, Chores& chores, Rename& rename) {
  Row after = row;
  after.name = base_like(parse_maildir_name(row.name), row.uid);
  after.in_new = wants_new(row);
  after.name = name_for(after);
  rename.to = path_of(after);
  chores.do_rename(rename);
  if (rename.outcome == Outcome::Done)
    core_.options.log.warning("a file's name had no room for its flags",
                              {{"mailbox", name_.utf8()}, {"renamed", rename.from}, {"to", rename.to}});
}

void MailboxImpl::conclude_unlinks(IndexBatch& batch, const Chores& chores) {
  const auto count = chores.unlinks.size();
  if (count == 0) return;
  undoom_bases(0, count);
  doomed_.erase(doomed_.begin(), doomed_.begin() + static_cast<std::ptrdiff_t>(count));
  for (const auto& unlink : chores.unlinks) {
    if (unlink.outcome == Outcome::Blocked)
      doom(unlink.uid, unlink.path);
    else
      batch.erase(keys::doomed(id_, unlink.uid));
  }
  put_record(batch);  // those records may have been the last that told of their UIDs
}

bool MailboxImpl::work() {
  const std::lock_guard working(work_mutex_);
  Chores chores;
  {
    const std::lock_guard lock(mutex_);
    if (deleted_) return false;
    working_ = true;
    chores = take_chores();
  }
  chores.do_all();
  const std::lock_guard lock(mutex_);
  working_ = false;
  renaming_.clear();
  if (deleted_) return false;  // with its files and records
  IndexBatch batch;
  for (auto& rename : chores.renames) conclude_rename(batch, chores, rename);
  conclude_unlinks(batch, chores);
  if (!chores.complaint.empty() && chores.complaint != complaint_)
    core_.options.log.warning("a file cannot be renamed or removed",
                              {{"mailbox", name_.utf8()}, {"why", chores.complaint}});
  complaint_ = chores.complaint;
  if (!batch.empty()) core_.index->write(batch, false);
  const auto is_blocked = [](const auto& chore) { return chore.outcome == Outcome::Blocked; };
  const bool all_blocked =
      std::ranges::all_of(chores.renames, is_blocked) && std::ranges::all_of(chores.unlinks, is_blocked);
  return !all_blocked && (!pending_.empty() || !doomed_.empty());
}

bool MailboxImpl::settle() {
  std::pair<std::int64_t, std::int64_t> times;
  {
    const std::lock_guard lock(mutex_);
    if (deleted_ || has_closed_ || !is_watched())
      return true;  // where nothing tells of changes only a scan knows a directory
    if (!growing_.empty() && measure_again()) return false;
    times = directory_times();
  }
  core_.watch->drain();  // tells all that happened before those times
  const std::lock_guard lock(mutex_);
  if (deleted_ || has_closed_) return true;
  digest();
  if (dirty_ || !touched_.empty()) return true;  // a check comes, and settles afterwards
  if (times.first == 0 || times.second == 0 || working_ || !pending_.empty() || !doomed_.empty() || !growing_.empty())
    return false;
  if (times.first == record_.cur_changed && times.second == record_.new_changed) return true;
  record_.cur_changed = times.first;
  record_.new_changed = times.second;
  IndexBatch batch;
  put_record(batch);
  core_.index->write(batch, false);
  return true;
}

std::optional<base::FileDescriptor> MailboxImpl::open_file(imap::Uid uid, std::string& name) const {
  for (int attempt = 0; attempt < 3; ++attempt) {
    std::vector<std::string> paths;
    std::filesystem::path directory;
    {
      const std::lock_guard lock(mutex_);
      const auto row = find(uid);
      if (row == rows_.end()) return std::nullopt;
      paths = paths_of(*row);
      directory = directory_;
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
