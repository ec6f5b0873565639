// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// What a mailbox says of itself and its messages.
#include <algorithm>
#include <iterator>
#include <system_error>
#include <utility>

#include "store/mailbox/content_links.h"
#include "store/mailbox/mailbox_impl.h"

namespace store {

MailboxStatus MailboxImpl::status() const {
  const std::lock_guard lock(mutex_);
  MailboxStatus out;
  out.mailbox_id = id_;
  out.uid_validity = record_.uid_validity;
  out.uid_next = record_.uid_next;
  out.highest_modseq = record_.highest_modseq;
  out.messages = static_cast<std::uint32_t>(rows_.size());
  for (const auto& row : rows_) {
    if (!(row.system_flags & static_cast<std::uint8_t>(imap::Flag::Seen))) ++out.unseen;
    if (row.system_flags & static_cast<std::uint8_t>(imap::Flag::Deleted)) ++out.deleted;
    if (row.uid > record_.claimed) ++out.recent;
  }
  return out;
}

std::vector<std::string> MailboxImpl::keywords() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> out;
  std::ranges::copy_if(keywords_.names(), std::back_inserter(out),
                       [](const std::string& name) { return !name.empty(); });
  return out;
}

std::vector<imap::Uid> MailboxImpl::uids() const {
  const std::lock_guard lock(mutex_);
  std::vector<imap::Uid> out;
  out.reserve(rows_.size());
  for (const auto& row : rows_) out.push_back(row.uid);
  return out;
}

std::optional<imap::Uid> MailboxImpl::first_unseen() const {
  const std::lock_guard lock(mutex_);
  const auto it = std::ranges::find_if(
      rows_, [](const Row& row) { return !(row.system_flags & static_cast<std::uint8_t>(imap::Flag::Seen)); });
  if (it == rows_.end()) return std::nullopt;
  return it->uid;
}

std::uint64_t MailboxImpl::size() {
  std::uint64_t out = 0;
  std::vector<imap::Uid> uncounted;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& row : rows_) {
      out += row.wire_size;
      if (row.wire_size == 0) uncounted.push_back(row.uid);
    }
  }
  if (uncounted.empty()) return out;
  const auto content = reader();
  for (const auto uid : uncounted) out += content->size(uid).value_or(0);
  return out;
}

// Not of files that may still grow, nor of messages that are gone.
void MailboxImpl::link_contents(std::span<const NewContentLink> links) {
  const std::lock_guard lock(mutex_);
  IndexBatch batch;
  std::uint64_t replaced = 0;
  for (const auto& link : links) {
    if (find(link.uid) == rows_.end() || growing_.contains(link.uid)) continue;
    link.use.put(batch);
    batch.put(keys::content_link(id_, link.uid), keys::encode(link.link));
    replaced += link.replaces ? 1 : 0;
  }
  if (batch.empty()) return;
  if (replaced > 0) batch.put(keys::sweep_wanted(), "");
  core_.contents->will_unlink(replaced);
  core_.index->write(batch, false);
}

// Not of files that may still grow: they are counted again.
void MailboxImpl::sizes_counted(std::span<const std::pair<imap::Uid, std::uint64_t>> sizes) {
  const std::lock_guard lock(mutex_);
  IndexBatch batch;
  for (const auto& [uid, size] : sizes) {
    const auto row = find(uid);
    if (row == rows_.end() || row->wire_size != 0 || growing_.contains(uid)) continue;
    row->wire_size = size;
    put_row(batch, *row);
  }
  if (batch.empty()) return;
  try {
    core_.index->write(batch, false);
  } catch (const std::system_error&) {
    // A full disk can be read. They are counted again after the next opening.
  }
}

std::vector<Message> MailboxImpl::messages(const imap::UidSet& uids) const {
  const std::lock_guard lock(mutex_);
  std::vector<Message> out;
  for_each_row(uids, [&](const Row& row) { out.push_back(message_of(row)); });
  return out;
}

Changes MailboxImpl::changes_since(imap::ModSeq since) const {
  const std::lock_guard lock(mutex_);
  Changes out;
  out.highest = record_.highest_modseq;
  if (since >= record_.highest_modseq) return out;
  for (const auto& row : rows_)
    if (row.modseq > since) out.changed.push_back(message_of(row));
  if (since < record_.log_starts) {
    // The log does not reach back that far: all that are not here may have been.
    if (record_.uid_next.value > 1)
      out.vanished = imap::UidSet::between(imap::Uid(1), imap::Uid(record_.uid_next.value - 1));
    imap::UidSet here;
    for (const auto& row : rows_) here.add(row.uid);
    out.vanished = out.vanished.minus(here);
  } else {
    std::vector<imap::Uid> vanished;
    for (auto it = gone_.rbegin(); it != gone_.rend() && it->first > since; ++it) vanished.push_back(it->second);
    std::ranges::sort(vanished);
    for (const auto uid : vanished) out.vanished.add(uid);
  }
  return out;
}

imap::UidSet MailboxImpl::claim_recent() {
  imap::UidSet out;
  bool work = false;
  {
    const std::lock_guard lock(mutex_);
    for (auto it = rows_.rbegin(); it != rows_.rend() && it->uid > record_.claimed; ++it) out.add(it->uid);
    if (out.empty()) return out;
    const auto before = std::exchange(record_.claimed, rows_.back().uid);
    try {
      IndexBatch batch;
      put_record(batch);
      core_.index->write(batch, false);
    } catch (...) {
      record_.claimed = before;
      throw;
    }
    for (auto it = rows_.rbegin(); it != rows_.rend() && out.contains(it->uid); ++it)
      if (it->in_new) work = pending_.insert(it->uid).second || work;
  }
  if (work) core_.work_later(shared_from_this());
  return out;
}

imap::UidSet MailboxImpl::unclaimed_recent() const {
  const std::lock_guard lock(mutex_);
  imap::UidSet out;
  for (auto it = std::ranges::upper_bound(rows_, record_.claimed, {}, &Row::uid); it != rows_.end(); ++it)
    out.add(it->uid);
  return out;
}

}  // namespace store
