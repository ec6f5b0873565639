// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Files that another program writes anew under a name that we know. A UID means one text for ever (RFC 3501 2.3.1.1),
// and the sync sends a text once: so what is there now is a new message, and the old one is expunged, also on the
// server.
//
// 1. The watch tells that somebody writes to the file of a message: it holds something else, whatever its size and
// time.
// 2. It tells that a file was given a name which is that of a message already (`sed -i`, a restored backup): where size
//    or time differ from what we know, it is another one. Where the old name was left at the same time it was renamed.
// 3. What happened while nobody watched is seen by the size: when the file is read, and, some files at a time, after
//    the mailbox was opened. Another time alone proves nothing then: `touch`, `cp -r` and backups give new ones.
#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <utility>

#include "proto/base/clock.h"
#include "store/mailbox/mailbox_impl.h"

namespace store {

namespace {
constexpr std::size_t kPiece = 1000;   // files that are looked at under the lock
constexpr std::int64_t kJustNow = 60;  // seconds
}  // namespace

// What the row does not tell does not differ.
bool MailboxImpl::has_other_size(const Row& row, const Measured& file) {
  const auto name = parse_maildir_name(row.name);
  auto mark = row.size_mark;
  const bool packed = name.unknown_letters.find('Z') != std::string_view::npos;  // S= is then that of the text
  if (mark == 0 && name.uid == row.uid && name.file_size && !packed) mark = size_mark(*name.file_size);
  return mark != 0 && mark != size_mark(file.size);
}

bool MailboxImpl::knows_rewritten() const {
  const std::lock_guard lock(state_.table_mutex);
  return !rewritten_.empty();
}

void MailboxImpl::add_rewritten(std::set<imap::Uid>&& uids) {
  if (uids.empty()) return;
  const std::lock_guard lock(state_.table_mutex);
  rewritten_.merge(uids);
}

void MailboxImpl::note_rewritten(const std::vector<FileEvent>& events) {
  std::set<imap::Uid> named, written, left, rewritten;
  for (const auto& event : events) {
    const auto* row = table().find_by_base(std::string_view(event.path).substr(4));
    if (row == nullptr) continue;
    if (event.what == Watch::What::Left) left.insert(row->uid);
    if (row->growing || table().is_being_renamed(row->uid) || MessageTable::path_of(*row) != event.path) continue;
    if (event.what == Watch::What::Changed) written.insert(row->uid);
    if (event.what == Watch::What::Came) named.insert(row->uid);
  }
  const auto is_there = [this](const Row& row, struct stat& status) {
    return ::lstat((state_.directory / MessageTable::path_of(row)).c_str(), &status) == 0;
  };
  for (const auto uid : written) {
    struct stat status{};
    if (is_there(*table().find(uid), status) && !is_as_it_came(uid, measured(status))) rewritten.insert(uid);
  }
  if (named.size() > kPiece) {  // ours, most likely: the sizes are looked at in pieces
    looked_at_ = imap::Uid(0);
    named.clear();
  }
  for (const auto uid : named) {
    const auto& row = *table().find(uid);
    struct stat status{};
    if (left.contains(uid) || !is_there(row, status)) continue;
    const auto file = measured(status);
    if (is_as_it_came(uid, file)) continue;
    const bool other_time = status.st_mtim.tv_sec != row.internal_date;
    // A file system may not be able to hold the time of a message of ours.
    const bool tells = row.size_mark != 0 || seconds_since(file.changed) < kJustNow;
    if (has_other_size(row, file) || (other_time && tells)) rewritten.insert(uid);
  }
  add_rewritten(std::move(rewritten));
  if (base::unix_now() - fresh_since_ < kJustNow) return;
  fresh_since_ = base::unix_now();
  less_fresh_ = std::exchange(fresh_, {});
}

// So that what the watch tells late of a file's coming is not taken for another text.
bool MailboxImpl::is_as_it_came(imap::Uid uid, const Measured& file) const {
  for (const auto* files : {&fresh_, &less_fresh_})
    if (const auto it = files->find(uid); it != files->end()) return it->second == file;
  return false;
}

bool MailboxImpl::look_at_some_sizes() {
  const auto& rows = table().rows();
  auto row = std::ranges::upper_bound(rows, looked_at_, {}, &Row::uid);
  if (row == rows.end()) return true;
  std::set<imap::Uid> rewritten;
  const base::FileDescriptor directory(::open(state_.directory.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  for (std::size_t i = 0; i < kPiece && row != rows.end(); ++i, ++row) {
    looked_at_ = row->uid;
    struct stat status{};
    if (row->growing || table().is_being_renamed(row->uid) ||
        ::fstatat(directory.get(), MessageTable::path_of(*row).c_str(), &status, AT_SYMLINK_NOFOLLOW) < 0)
      continue;
    if (S_ISREG(status.st_mode) && has_other_size(*row, measured(status))) rewritten.insert(row->uid);
  }
  add_rewritten(std::move(rewritten));
  return row == rows.end();
}

// Those that are found are forgotten once they were replaced.
std::vector<MailboxImpl::Replaced> MailboxImpl::find_rewritten(int directory, Findings& findings) const {
  std::set<imap::Uid> rewritten;
  {
    const std::lock_guard lock(state_.table_mutex);
    rewritten = rewritten_;
  }
  std::vector<Replaced> out;
  for (const auto uid : rewritten) {
    if (table().is_being_renamed(uid)) continue;  // it has two names just now
    findings.looked_at.add(uid);
    const auto* row = table().find(uid);
    struct stat status{};
    if (row == nullptr) continue;
    const auto path = MessageTable::path_of(*row);
    if (::fstatat(directory, path.c_str(), &status, 0) < 0 || !S_ISREG(status.st_mode)) continue;
    core_.options.log.info("another program has written a message's file anew: it is a new message",
                           {{"mailbox", state_.name.utf8()}, {"file", path}});
    out.emplace_back(uid, measured(status));
  }
  return out;
}

// By messages that have the same files and new UIDs.
void MailboxImpl::replace(int directory, Findings& findings, const std::vector<Replaced>& old) {
  if (old.empty()) return;
  auto& draft = findings.draft;
  imap::UidSet gone;
  std::vector<Row> rows;
  for (const auto& [uid, now] : old) {
    auto row = completed(findings, *table().find(uid), now);
    row.wire_size = 0;
    row.counted = false;
    row.growing = !is_complete_at(directory, MessageTable::path_of(row), now, false, seconds_since(now.changed));
    gone.add(uid);
    rows.push_back(std::move(row));
  }
  lose(findings, gone);
  std::vector<std::size_t> all(rows.size());
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = i;
  give_uids(draft, rows, all, false);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    auto& row = rows[i];
    if (row.growing) findings.growing.emplace(row.uid, Growing{});
    if (!row.growing) findings.complete.emplace_back(row.uid, old[i].second);
    draft.note_keywords(row, 0);
    if (table().is_misnamed(row)) draft.rename_later(row.uid);
    draft.add(std::move(row), false);
  }
  findings.change.prepare();
}

}  // namespace store
