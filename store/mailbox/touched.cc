// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Where the kernel tells us which names changed.
// 1. A name that says what the row of its base name says was our own doing. The others are looked at, one by one.
// 2. A file that has left its name may have a new one that the kernel tells next: asked once more.
// 3. Where that does not explain what became of a message, the whole directory is read (scan.cc).
#include <sys/stat.h>

#include <algorithm>
#include <utility>

#include "proto/base/files.h"
#include "store/mailbox/mailbox_impl.h"

namespace store {

namespace {

using What = Watch::What;

std::string_view base_of(std::string_view path) { return parse_maildir_name(path.substr(4)).base; }

FoundFile found_at(std::string_view path, bool was_closed) {
  return {std::string(path.substr(4)), path.starts_with("new/"), was_closed};
}

}  // namespace

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

}  // namespace store
