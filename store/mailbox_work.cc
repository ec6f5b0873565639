// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// What follows behind: files get the names that the index wants, and those of expunged messages are unlinked. Done in
// pieces by the store's worker. While a name is being changed the row still has the old one; readers try both.
#include <sys/stat.h>

#include <cerrno>
#include <system_error>

#include "store/mailbox_impl.h"

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

bool MailboxImpl::work() {
  const std::lock_guard working(work_mutex_);
  struct Rename {
    imap::Uid uid;
    std::string from, to;
  };
  std::vector<Rename> renames;
  std::vector<std::pair<imap::Uid, std::string>> unlinks;
  std::filesystem::path directory;
  {
    const std::lock_guard lock(mutex_);
    if (deleted_) return false;
    working_ = true;
    directory = directory_;
    for (auto it = pending_.begin(); it != pending_.end() && renames.size() < kPiece;) {
      const auto row = find(*it);
      it = pending_.erase(it);
      if (row == rows_.end() || !is_pending(*row)) continue;
      const auto name = name_for(*row);
      const bool in_new = wants_new(*row);
      renames.push_back({row->uid, path_of(*row), (in_new ? "new/" : "cur/") + name});
      renaming_[row->uid.value] = renames.back().to;
    }
    unlinks.assign(doomed_.begin(), doomed_.begin() + static_cast<std::ptrdiff_t>(std::min(doomed_.size(), kPiece)));
  }
  std::vector<bool> done(renames.size());
  std::exception_ptr fault;
  try {
    for (std::size_t i = 0; i < renames.size(); ++i)
      done[i] = base::rename_if_exists(directory / renames[i].from, directory / renames[i].to);
    std::unordered_set<std::string> astray;  // bases of files that somebody else has renamed meanwhile
    for (const auto& [uid, path] : unlinks)
      if (!base::unlink_if_exists(directory / path))
        astray.emplace(parse_maildir_name(std::string_view(path).substr(4)).base);
    if (!astray.empty()) unlink_by_base(directory, astray);
  } catch (const std::system_error& error) {
    core_.options.log.warning("a file cannot be renamed or removed",
                              {{"mailbox", name().utf8()}, {"why", error.what()}});
    fault = std::current_exception();
  }
  const std::lock_guard lock(mutex_);
  working_ = false;
  renaming_.clear();
  if (deleted_) return false;  // with its files and records
  if (fault) {
    for (const auto& rename : renames) pending_.insert(rename.uid);
  }
  IndexBatch batch;
  for (std::size_t i = 0; i < renames.size(); ++i) {
    const auto row = find(renames[i].uid);
    if (row == rows_.end()) {
      // Expunged meanwhile under the old name: the file has the new one.
      if (done[i]) doom(renames[i].uid, renames[i].to);
      continue;
    }
    if (!done[i]) {
      if (path_of(*row) == renames[i].from)
        dirty_ = true;  // somebody else took or renamed the file: the next check tells
      put_row(batch, *row);
      continue;
    }
    if (path_of(*row) == renames[i].from) {  // else somebody has renamed it since, and a scan saw that
      row->in_new = renames[i].to.starts_with("new/");
      row->name = renames[i].to.substr(4);
    }
    if (is_pending(*row)) pending_.insert(row->uid);
    put_row(batch, *row);
  }
  if (!fault && !unlinks.empty()) {
    for (const auto& [uid, path] : unlinks) batch.erase(keys::doomed(id_, uid));
    put_record(batch);  // those records may have been the last that told of their UIDs
    undoom_bases(0, unlinks.size());
    doomed_.erase(doomed_.begin(), doomed_.begin() + static_cast<std::ptrdiff_t>(unlinks.size()));
  }
  if (!batch.empty()) core_.index->write(batch, false);
  return !fault && (!pending_.empty() || !doomed_.empty());
}

bool MailboxImpl::settle() {
  std::pair<std::int64_t, std::int64_t> times;
  {
    const std::lock_guard lock(mutex_);
    if (deleted_ || !is_watched()) return true;  // where nothing tells of changes only a scan knows a directory
    if (!growing_.empty() && measure_again()) return false;
    times = directory_times();
  }
  core_.watch->drain();  // tells all that happened before those times
  const std::lock_guard lock(mutex_);
  if (deleted_) return true;
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
    for (const auto& path : paths)
      if (auto file = base::open_read_if_exists(directory / path)) {
        name = path.substr(4);
        return file;
      }
    auto* self = const_cast<MailboxImpl*>(this);  // looking at the directory changes what we know, not what there is
    self->dirty_ = true;
    self->check();
  }
  return std::nullopt;
}

}  // namespace store
