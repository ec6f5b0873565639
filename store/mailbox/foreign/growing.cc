// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Files that other programs are still writing (foreign_file.h says how that is known).
//
// 1. Such a message is shown, with Message::complete false, and is read as its file is at that moment; nothing of its
//    text is kept, and the sync sends it nowhere.
// 2. When it is complete it gets a new MODSEQ, so that the sync sees it.
// 3. It keeps its UID where nobody has read it before it was as it is now. Else it gets a new one and the old one is
//    expunged: a client that has read half a message keeps that half under its UID for ever. So there is one new UID
//    at most, however often the file grew; a UID for each growth would tell clients nothing that they need.
// What somebody has read is not known any more after a restart: then it counts as read.
#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>

#include "proto/base/clock.h"
#include "store/mailbox/mailbox_impl.h"

namespace store {

MailboxImpl::Growing MailboxImpl::growing_of(const Arrival& arrival) {
  return {.last = arrival.measured,
          .since = base::unix_now() - seconds_since(arrival.measured.changed),
          .was_closed = arrival.file->was_closed};
}

void MailboxImpl::was_closed(const std::string& path) {
  if (growing_.empty()) return;
  const auto* row = table().find_by_base(std::string_view(path).substr(4));
  if (row == nullptr) return;
  if (const auto it = growing_.find(row->uid); it != growing_.end()) it->second.was_closed = true;
}

MailboxImpl::Opened MailboxImpl::opened(imap::Uid uid, const Measured& file) {
  Opened out;
  bool work = false;
  {
    const base::MutexLock lock(state_.table_mutex);
    const auto* row = state_.shared().table.find(uid);
    if (row == nullptr) return {};
    if (row->growing) {
      read_early_.try_emplace(uid, file);
      return {.growing = true, .wire_size = std::nullopt};
    }
    if (row->counted && row->size_mark == size_mark(file.size)) out.wire_size = row->wire_size;
    work = has_other_size(*row, file) && rewritten_.insert(uid).second;  // the worker's check expunges it
  }
  if (work) core_.work_later(shared_from_this());
  return out;
}

bool MailboxImpl::look_again() {
  {
    if (!state_.change_mutex.try_lock()) return false;
    const ChangeLock lock(state_.change_mutex, base::kAdopt);
    if (state_.deleted || (growing_.empty() && !knows_rewritten()) || !look_at_growing()) return false;
  }
  changed();
  return true;
}

bool MailboxImpl::look_at_growing() {
  ForeignChange foreign(state_);
  const base::FileDescriptor directory(::open(state_.directory().c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  auto old = find_rewritten(directory.get(), foreign);
  for (auto& [uid, growing] : growing_) {
    const auto* row = table().find(uid);
    const bool complete = row != nullptr && has_become_complete(directory.get(), *row, growing);
    const auto what = compare_growing(row, complete, growing.last, read_early(uid));
    if (what == Finding::What::Growing) continue;
    foreign.looked_at.add(uid);
    if (what == Finding::What::Replaced) old.emplace_back(uid, growing.last);
    if (what != Finding::What::Complete) continue;
    foreign.draft.update(completed(foreign, *row, growing.last));
    foreign.complete.emplace_back(uid, growing.last);
  }
  if (foreign.looked_at.empty()) return false;
  replace(directory.get(), foreign, old);
  conclude(foreign);
  return foreign.any;
}

bool MailboxImpl::has_become_complete(int directory, const Row& row, Growing& growing) const {
  if (table().is_being_renamed(row.uid)) return false;  // it has two names just now
  struct stat status{};
  const auto path = MessageTable::path_of(row);
  if (::fstatat(directory, path.c_str(), &status, 0) < 0) return false;  // renamed or gone: a look at names tells
  const auto now = measured(status);
  if (now != std::exchange(growing.last, now)) growing.since = base::unix_now();
  return is_complete_at(directory, path, now, growing.was_closed, base::unix_now() - growing.since);
}

std::optional<Measured> MailboxImpl::read_early(imap::Uid uid) const {
  const base::MutexLock lock(state_.table_mutex);
  const auto it = read_early_.find(uid);
  return it == read_early_.end() ? std::nullopt : std::optional(it->second);
}

Row MailboxImpl::completed(ForeignChange& foreign, const Row& row, const Measured& now) {
  Row out = row;
  out.growing = false;
  out.modseq = foreign.modseq;
  out.internal_date = now.changed / 1'000'000'000;
  out.size_mark = size_mark(now.size);
  foreign.any = true;
  return out;
}

}  // namespace store
