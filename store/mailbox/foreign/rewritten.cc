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
constexpr std::ptrdiff_t kPiece = 1000;  // files that are looked at under the lock
constexpr std::int64_t kJustNow = 60;    // seconds
}  // namespace

bool MailboxImpl::knows_rewritten() const {
  const base::MutexLock lock(state_.table_mutex);
  return !rewritten_.empty();
}

void MailboxImpl::add_rewritten(std::set<imap::Uid>&& uids) {
  if (uids.empty()) return;
  const base::MutexLock lock(state_.table_mutex);
  rewritten_.merge(uids);
}

void MailboxImpl::note_rewritten(const std::vector<FileEvent>& events) {
  auto told = told_of_texts(table(), events);
  if (std::ranges::count_if(told, [](const auto& entry) { return entry.second.named; }) > kPiece) {
    looked_at_ = imap::Uid(0);  // ours, most likely: the sizes are looked at in pieces
    std::erase_if(told, [](const auto& entry) { return !entry.second.written; });
    for (auto& [uid, of_file] : told) of_file.named = false;
  }
  std::set<imap::Uid> rewritten;
  for (const auto& [uid, of_file] : told) {
    const auto& row = *table().find(uid);
    struct stat status{};
    if (::lstat((state_.directory() / MessageTable::path_of(row)).c_str(), &status) < 0) continue;
    const auto now = measured(status);
    const LookedAt file{now, when_it_came(uid), seconds_since(now.changed) < kJustNow};
    if (compare_text(row, of_file, file) == Finding::What::Rewritten) rewritten.insert(uid);
  }
  add_rewritten(std::move(rewritten));
  if (base::unix_now() - fresh_since_ < kJustNow) return;
  fresh_since_ = base::unix_now();
  less_fresh_ = std::exchange(fresh_, {});
}

// So that what the watch tells late of a file's coming is not taken for another text.
std::optional<Measured> MailboxImpl::when_it_came(imap::Uid uid) const {
  for (const auto* files : {&fresh_, &less_fresh_})
    if (const auto it = files->find(uid); it != files->end()) return it->second;
  return std::nullopt;
}

bool MailboxImpl::look_at_some_sizes() {
  const auto& rows = table().rows();
  auto row = std::ranges::upper_bound(rows, looked_at_, {}, &Row::uid);
  if (row == rows.end()) return true;
  std::set<imap::Uid> rewritten;
  const base::FileDescriptor directory(::open(state_.directory().c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  for (std::ptrdiff_t i = 0; i < kPiece && row != rows.end(); ++i, ++row) {
    looked_at_ = row->uid;
    struct stat status{};
    if (row->growing || row->elsewhere || table().is_being_renamed(row->uid) ||
        ::fstatat(directory.get(), MessageTable::path_of(*row).c_str(), &status, AT_SYMLINK_NOFOLLOW) < 0)
      continue;
    if (S_ISREG(status.st_mode) && has_other_size(*row, measured(status))) rewritten.insert(row->uid);
  }
  add_rewritten(std::move(rewritten));
  return row == rows.end();
}

// Those that are found are forgotten once they were replaced.
std::vector<MailboxImpl::Replaced> MailboxImpl::find_rewritten(int directory, ForeignChange& foreign) const {
  std::set<imap::Uid> rewritten;
  {
    const base::MutexLock lock(state_.table_mutex);
    rewritten = rewritten_;
  }
  std::vector<Replaced> out;
  for (const auto uid : rewritten) {
    if (table().is_being_renamed(uid)) continue;  // it has two names just now
    foreign.looked_at.add(uid);
    const auto* row = table().find(uid);
    struct stat status{};
    if (row == nullptr) continue;
    const auto path = MessageTable::path_of(*row);
    if (::fstatat(directory, path.c_str(), &status, 0) < 0 || !S_ISREG(status.st_mode)) continue;
    core_.options.log.info("another program has written a message's file anew: it is a new message",
                           {{"mailbox", state_.name().utf8()}, {"file", path}});
    out.emplace_back(uid, measured(status));
  }
  return out;
}

// By messages that have the same files and new UIDs.
void MailboxImpl::replace(int directory, ForeignChange& foreign, const std::vector<Replaced>& old) {
  if (old.empty()) return;
  auto& draft = foreign.draft;
  imap::UidSet gone;
  std::vector<Row> rows;
  for (const auto& [uid, now] : old) {
    auto row = completed(foreign, *table().find(uid), now);
    row.wire_size = 0;
    row.counted = false;
    row.growing = !is_complete_at(directory, MessageTable::path_of(row), now, false, seconds_since(now.changed));
    gone.add(uid);
    rows.push_back(std::move(row));
  }
  lose(foreign, gone, MessageTable::How::Said);  // by who has written the file anew
  std::vector<std::size_t> all(rows.size());
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = i;
  give_uids(draft, rows, all, false);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    auto& row = rows[i];
    if (row.growing) foreign.growing.emplace(row.uid, Growing{});
    if (!row.growing) foreign.complete.emplace_back(row.uid, old[i].second);
    draft.note_keywords(row, 0);
    if (table().is_misnamed(row)) draft.rename_later(row.uid);
    draft.add(std::move(row), false);
  }
  foreign.change.prepare();
}

}  // namespace store
