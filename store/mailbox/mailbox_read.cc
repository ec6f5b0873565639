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
  const base::MutexLock lock(state_.table_mutex);
  auto out = state_.shared().table.status();
  out.mailbox_id = state_.id;
  return out;
}

std::vector<std::string> MailboxImpl::keywords() const {
  const base::MutexLock lock(state_.table_mutex);
  std::vector<std::string> out;
  std::ranges::copy_if(state_.shared().table.keywords().names(), std::back_inserter(out),
                       [](const std::string& name) { return !name.empty(); });
  return out;
}

std::vector<imap::Uid> MailboxImpl::uids() const {
  const base::MutexLock lock(state_.table_mutex);
  std::vector<imap::Uid> out;
  out.reserve(state_.shared().table.rows().size());
  for (const auto& row : state_.shared().table.rows()) out.push_back(row.uid);
  return out;
}

std::optional<imap::Uid> MailboxImpl::first_unseen() const {
  const base::MutexLock lock(state_.table_mutex);
  return state_.shared().table.first_unseen();
}

std::uint64_t MailboxImpl::size() {
  std::uint64_t out = 0;
  std::vector<imap::Uid> uncounted;
  {
    const base::MutexLock lock(state_.table_mutex);
    for (const auto& row : state_.shared().table.rows()) {
      out += row.wire_size;
      if (row.wire_size == 0 && !row.elsewhere) uncounted.push_back(row.uid);
    }
  }
  if (uncounted.empty()) return out;
  const auto content = reader();
  for (const auto uid : uncounted) out += content->size(uid).value_or(0);
  return out;
}

// Not of files that may still grow, nor of messages that are gone.
void MailboxImpl::link_contents(std::span<const NewContentLink> links) {
  const ChangeLock lock(state_.change_mutex);
  IndexBatch batch;
  std::uint64_t replaced = 0;
  std::vector<const Contents::Use*> uses;
  for (const auto& link : links) {
    if (table().find(link.uid) == nullptr || growing_.contains(link.uid)) continue;
    uses.push_back(&link.use);
    batch.put(keys::content_link(state_.id, link.uid), keys::encode(link.link));
    replaced += link.replaces ? 1 : 0;
  }
  Contents::put(uses, batch);
  if (batch.empty()) return;
  if (replaced > 0) {
    batch.put(keys::sweep_wanted(), "");
    erase_ranks(batch);
  }
  core_.contents->will_unlink(replaced);
  core_.index->write(batch, false);
  if (replaced > 0) columns_.forget();  // also those that somebody has begun to read before
}

void MailboxImpl::keep_ranks(const std::string& key, const std::string& record, const std::function<bool()>& is_true) {
  if (!state_.change_mutex.try_lock()) return;
  const ChangeLock lock(state_.change_mutex, base::kAdopt);
  if (state_.deleted || !is_true()) return;
  IndexBatch batch;
  batch.put(key, record, Table::Content);
  try {
    core_.index->write(batch, false);
  } catch (const std::system_error&) {
    // A full disk can be read.
  }
}

// Not of files that may still grow: they are counted again. Nobody waits for this: what is not noted now is counted
// again as well.
void MailboxImpl::sizes_counted(std::span<const std::pair<imap::Uid, std::uint64_t>> sizes) {
  if (!state_.change_mutex.try_lock()) return;
  const ChangeLock lock(state_.change_mutex, base::kAdopt);
  if (state_.deleted) return;
  Change change(state_);
  for (const auto& [uid, size] : sizes) {
    const auto* row = table().find(uid);
    if (row == nullptr || row->growing || (row->counted && row->wire_size == size)) continue;
    Row after = *row;
    after.wire_size = size;
    after.counted = true;
    change.draft().update(std::move(after));
  }
  if (change.draft().updated().empty()) return;
  try {
    change.commit({}, {}, false);
  } catch (const std::system_error&) {
    // A full disk can be read. They are counted again after the next opening.
  }
}

std::vector<Message> MailboxImpl::messages(const imap::UidSet& uids) const {
  const base::MutexLock lock(state_.table_mutex);
  return state_.shared().table.messages(uids);
}

Changes MailboxImpl::changes_since(imap::ModSeq since) const {
  const base::MutexLock lock(state_.table_mutex);
  return state_.shared().table.changes_since(since);
}

// A claim holds from now on in this process. It is noted in the index at once where nobody is changing the mailbox, by
// the worker otherwise.
imap::UidSet MailboxImpl::claim_recent() {
  imap::UidSet out;
  imap::Uid before;
  {
    const base::MutexLock lock(state_.table_mutex);
    before = state_.shared().table.claimed();
    out = state_.claim();
  }
  if (out.empty()) return out;
  bool work = true;
  if (state_.change_mutex.try_lock()) {
    const ChangeLock lock(state_.change_mutex, base::kAdopt);
    try {
      work = behind_.note_claims();
    } catch (...) {
      const base::MutexLock table(state_.table_mutex);
      if (state_.shared().table.claimed() == out.max()) state_.set_claimed(before);
      throw;
    }
  }
  if (work) core_.work_later(shared_from_this());
  return out;
}

imap::UidSet MailboxImpl::unclaimed_recent() const {
  const base::MutexLock lock(state_.table_mutex);
  return state_.shared().table.unclaimed();
}

}  // namespace store
