// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// The directory against the index: what others did behind our back, or everything when there is no index.
//
// Where the kernel tells us which names changed (digest, look_at_touched):
// 1. A name that says what the row of its base name says was our own doing. The others are looked at, one by one.
// 2. A file that has left its name may have a new one that the kernel tells next: asked once more.
// 3. Where that does not explain what became of a message, the whole directory is read.
//
// The whole directory (scan):
// 1. Read the names in new/ and cur/. A row's file is known by its base name, whatever its flags and directory.
// 2. A file that a row knows may have other flags or another directory. A file that no row knows is new mail.
// 3. A row whose file was in neither of two readings is gone.
// 4. Two files with one base name, neither a link to the other, are two messages: the one that is no row's gets a base
//    name of its own, and comes as new mail.
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

#include "proto/base/clock.h"
#include "store/mailbox/mailbox_impl.h"

namespace store {

namespace {

using What = Watch::What;

constexpr auto kPatience = std::chrono::milliseconds(10);  // of a session whose NOOP meets a change under way

std::string_view base_of(std::string_view path) { return parse_maildir_name(path.substr(4)).base; }

FoundFile found_at(std::string_view path, bool was_closed) {
  return {std::string(path.substr(4)), path.starts_with("new/"), was_closed};
}

std::vector<FoundFile> read_names(const std::filesystem::path& directory) {
  std::vector<FoundFile> out;
  for (const bool in_new : {true, false}) {
    const auto path = directory / (in_new ? "new" : "cur");
    if (!for_each_name(path, [&](std::string_view name) { out.push_back({std::string(name), in_new, false}); }))
      throw std::system_error(ENOENT, std::generic_category(), path.string());
  }
  return out;
}

}  // namespace

bool MailboxImpl::is_there() {
  if (deleted_) return false;
  if (is_displaced()) {
    core_.options.log.warning("a mailbox's directory was taken away or replaced", {{"mailbox", name().utf8()}});
    mark_deleted();
    return false;
  }
  if (core_.watch) core_.watch->drain();  // without change_mutex
  return true;
}

void MailboxImpl::check() {
  if (!is_there()) return;
  std::unique_lock lock(state_.change_mutex);
  look(lock);
}

bool MailboxImpl::check_soon() {
  if (!is_there()) return true;
  std::unique_lock lock(state_.change_mutex, kPatience);
  if (lock) {
    look(lock);
    return true;
  }
  owes_look_ = true;
  core_.work_later(shared_from_this());
  return false;
}

void MailboxImpl::look(std::unique_lock<std::timed_mutex>& lock) {
  bool work = false, news = false;
  if (deleted_) return;
  owes_look_ = false;
  const auto before = table().record().highest_modseq;
  try {
    look_where_needed();
    if (!growing_.empty() || knows_rewritten()) look_at_growing();
  } catch (...) {
    dirty_ = true;
    throw;
  }
  news = before != table().record().highest_modseq;
  work = news || !state_.pending.empty() || !state_.doomed.files.empty() || !growing_.empty();
  lock.unlock();
  if (news) changed();
  if (work) core_.work_later(shared_from_this());
}

void MailboxImpl::look_where_needed() {
  digest();
  if (!dirty_ && is_watched()) {  // they would have told
    if (!touched_.empty() && !look_at_touched()) {
      core_.watch->drain();
      digest();
      if (!dirty_ && !look_at_touched()) dirty_ = true;
    }
  } else if (!dirty_) {
    const auto [cur, fresh] = directory_times();
    dirty_ = cur == 0 || fresh == 0 || cur != table().record().cur_changed || fresh != table().record().new_changed;
  }
  if (dirty_.exchange(false)) scan(false);
}

bool MailboxImpl::explains(const FileEvent& event) {
  const bool came = event.what != What::Left && event.what != What::Removed;
  const auto* row = table().find_by_base(std::string_view(event.path).substr(4));
  if (row == nullptr) return !came;  // what is not there any more and never was a message
  const bool is_here = MessageTable::path_of(*row) == event.path;
  if (const auto* ours = table().renamed_to(row->uid))
    return event.what == What::Left ? is_here : event.what == What::Came && event.path == *ours;
  return is_here == came;
}

void MailboxImpl::digest() {
  bool anything = false;
  const auto events = events_.take(anything);
  note_rewritten(events);
  dirty_ = dirty_ || anything;
  if (dirty_) {
    touched_.clear();
    return;
  }
  for (const auto& event : events) {
    if (event.what == What::Written) was_closed(event.path);
    if (event.what == What::Changed || explains(event)) continue;
    auto& touched = touched_[std::string(base_of(event.path))];
    touched.paths.insert(event.path);
    if (event.what == What::Left) touched.left = true;
    if (event.what == What::Removed) touched.removed.insert(event.path);
    if (event.what == What::Came || event.what == What::Written) touched.closed.insert(event.path);
  }
}

bool MailboxImpl::look_at_touched() {
  Findings findings(state_);
  bool explained = true;
  std::vector<FoundFile> unknown;
  imap::UidSet lost;
  const auto is_there = [&](const std::string& path) {
    struct stat status{};
    return ::lstat((state_.directory / path).c_str(), &status) == 0;
  };
  for (auto& [base, touched] : std::exchange(touched_, {})) {
    const auto* row = table().find_by_base(base);
    if (row == nullptr) {
      for (const auto& path : touched.paths) {
        if (!is_there(path)) continue;
        if (state_.doomed.bases.contains(base))
          state_.doomed.add(imap::Uid(0), path);
        else
          unknown.push_back(found_at(path, touched.closed.contains(path)));
      }
      continue;
    }
    if (table().is_being_renamed(row->uid)) {  // looked at when that is done
      touched_.emplace(base, std::move(touched));
      continue;
    }
    const auto here = MessageTable::path_of(*row);
    if (const auto twins = twins_.find(base); twins != twins_.end())
      touched.paths.insert(twins->second.begin(), twins->second.end());
    touched.paths.erase(here);
    const auto now = std::ranges::find_if(touched.paths, is_there);
    if (is_there(here)) {
      if (now == touched.paths.end())
        twins_.erase(base);
      else
        twins_[base] = touched.paths;  // the same message twice, perhaps only until the first name goes
      continue;
    }
    twins_.erase(base);
    if (now != touched.paths.end()) {
      follow(findings, *row, found_at(*now, false));
    } else if (touched.removed.contains(here) && !touched.left) {
      lost.add(row->uid);
    } else {
      explained = false;
      touched_.emplace(base, std::move(touched));
    }
  }
  lose(findings, lost);
  adopt(findings, unknown, false);
  if (!findings.draft.is_empty()) conclude(findings);
  part_twins();
  return explained;
}

void MailboxImpl::part_twins() {
  for (auto& [called, paths] : twins_) {
    const auto* row = table().find_by_base(called);
    if (row == nullptr || table().is_being_renamed(row->uid)) continue;
    struct stat here{}, there{};
    if (::lstat((state_.directory / MessageTable::path_of(*row)).c_str(), &here) < 0) continue;
    std::erase_if(paths, [&](const std::string& path) {
      if (::lstat((state_.directory / path).c_str(), &there) < 0) return true;
      if (here.st_dev == there.st_dev && here.st_ino == there.st_ino) return false;
      const auto name = parse_maildir_name(std::string_view(path).substr(4));
      const auto now = path.substr(0, 4) + base::unique_name() +
                       format_info(name.system_flags, name.keyword_letters, name.unknown_letters);
      core_.options.log.warning("two files had one name",
                                {{"mailbox", state_.name.utf8()}, {"renamed", path}, {"to", now}});
      base::rename_if_exists(state_.directory / path, state_.directory / now);
      dirty_ = true;
      return true;
    });
  }
  std::erase_if(twins_, [](const auto& entry) { return entry.second.empty(); });
}

void MailboxImpl::conclude(Findings& findings) {
  if (findings.any) findings.draft.record.highest_modseq = findings.modseq;
  findings.change.commit({}, {}, findings.any);
  findings.looked_at.for_each([this](imap::Uid uid) { growing_.erase(uid); });
  growing_.merge(findings.growing);
  for (const auto& [uid, file] : findings.complete) fresh_.insert_or_assign(uid, file);
  const std::lock_guard lock(state_.table_mutex);
  findings.looked_at.for_each([this](imap::Uid uid) { read_early_.erase(uid), rewritten_.erase(uid); });
}

void MailboxImpl::scan(bool rebuilding) {
  bool ignored = false;
  const auto events = events_.take(ignored);  // of before the reading
  note_rewritten(events);
  for (const auto& event : events)
    if (event.what == What::Written) was_closed(event.path);
  touched_.clear();
  twins_.clear();
  has_closed_ = false;
  const auto times = directory_times();  // before reading: what changes meanwhile makes the next check look again
  auto files = read_names(state_.directory);
  core_.options.log.debug("directory read", {{"mailbox", state_.name.utf8()}, {"files", files.size()}});

  const auto& rows = table().rows();
  std::unordered_map<std::string_view, std::size_t> by_base;
  by_base.reserve(rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) by_base.emplace(parse_maildir_name(rows[i].name).base, i);
  std::unordered_set<std::string> doomed;
  for (const auto& [uid, path] : state_.doomed.files) doomed.insert(path);
  std::vector<bool> seen(rows.size()), at_home(rows.size());
  std::vector<std::pair<std::size_t, FoundFile>> moved;  // row, what it is called now
  std::vector<FoundFile> unknown;
  const auto compare = [&](bool again) {
    for (auto& file : files) {
      const auto base = parse_maildir_name(file.name).base;
      const auto it = by_base.find(base);
      if (it == by_base.end()) {
        if (state_.doomed.bases.contains(std::string(base))) {
          if (doomed.insert(file.path()).second) state_.doomed.add(imap::Uid(0), file.path());
        } else if (!again) {
          unknown.push_back(std::move(file));
        }
        continue;
      }
      const auto position = it->second;
      const auto& row = rows[position];
      if (row.name == file.name && row.in_new == file.in_new)
        at_home[position] = true;
      else if (seen[position])  // the same message twice, or a rename that we read half way
        twins_[std::string(base)].insert(file.path());
      else
        moved.emplace_back(position, std::move(file));
      seen[position] = true;
    }
  };
  compare(false);
  if (std::ranges::find(seen, false) != seen.end()) {
    files = read_names(state_.directory);
    compare(true);
  }
  by_base.clear();

  Findings findings(state_);
  for (const auto& [position, file] : moved)
    if (at_home[position])
      twins_[std::string(parse_maildir_name(file.name).base)].insert(file.path());
    else
      follow(findings, rows[position], file);
  imap::UidSet lost;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (seen[i]) continue;
    if (table().is_being_renamed(rows[i].uid))  // between its names: looked for again
      dirty_ = true;
    else
      lost.add(rows[i].uid);
  }
  lose(findings, lost);
  adopt(findings, unknown, rebuilding);
  auto& record = findings.draft.record;
  if (rebuilding && record.uid_next < state_.reserved) record.uid_next = state_.reserved;
  const bool tells = growing_.empty() && findings.growing.empty() && !has_closed_;
  record.cur_changed = tells ? times.first : 0;
  record.new_changed = tells ? times.second : 0;
  conclude(findings);
  part_twins();
}

}  // namespace store
