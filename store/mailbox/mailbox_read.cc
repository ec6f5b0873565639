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
  const std::lock_guard lock(state_.table_mutex);
  auto out = state_.table.status();
  out.mailbox_id = state_.id;
  return out;
}

std::vector<std::string> MailboxImpl::keywords() const {
  const std::lock_guard lock(state_.table_mutex);
  std::vector<std::string> out;
  std::ranges::copy_if(state_.table.keywords().names(), std::back_inserter(out),
                       [](const std::string& name) { return !name.empty(); });
  return out;
}

std::vector<imap::Uid> MailboxImpl::uids() const {
  const std::lock_guard lock(state_.table_mutex);
  std::vector<imap::Uid> out;
  out.reserve(state_.table.rows().size());
  for (const auto& row : state_.table.rows()) out.push_back(row.uid);
  return out;
}

std::optional<imap::Uid> MailboxImpl::first_unseen() const {
  const std::lock_guard lock(state_.table_mutex);
  return state_.table.first_unseen();
}

std::uint64_t MailboxImpl::size() {
  std::uint64_t out = 0;
  std::vector<imap::Uid> uncounted;
  {
    const std::lock_guard lock(state_.table_mutex);
    for (const auto& row : state_.table.rows()) {
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
  const std::lock_guard lock(state_.change_mutex);
  IndexBatch batch;
  std::uint64_t replaced = 0;
  for (const auto& link : links) {
    if (table().find(link.uid) == nullptr || growing_.contains(link.uid)) continue;
    link.use.put(batch);
    batch.put(keys::content_link(state_.id, link.uid), keys::encode(link.link));
    replaced += link.replaces ? 1 : 0;
  }
  if (batch.empty()) return;
  if (replaced > 0) batch.put(keys::sweep_wanted(), "");
  core_.contents->will_unlink(replaced);
  core_.index->write(batch, false);
}

// Not of files that may still grow: they are counted again. Nobody waits for this: what is not noted now is counted
// again as well.
void MailboxImpl::sizes_counted(std::span<const std::pair<imap::Uid, std::uint64_t>> sizes) {
  const std::unique_lock lock(state_.change_mutex, std::try_to_lock);
  if (!lock || state_.deleted) return;
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
  const std::lock_guard lock(state_.table_mutex);
  return state_.table.messages(uids);
}

Changes MailboxImpl::changes_since(imap::ModSeq since) const {
  const std::lock_guard lock(state_.table_mutex);
  return state_.table.changes_since(since);
}

// A claim holds from now on in this process. It is noted in the index at once where nobody is changing the mailbox, by
// the worker otherwise.
imap::UidSet MailboxImpl::claim_recent() {
  imap::UidSet out;
  imap::Uid before;
  {
    const std::lock_guard lock(state_.table_mutex);
    before = state_.table.claimed();
    out = state_.table.claim();
  }
  if (out.empty()) return out;
  bool work = true;
  if (const std::unique_lock lock(state_.change_mutex, std::try_to_lock); lock) try {
      work = behind_.note_claims();
    } catch (...) {
      const std::lock_guard table(state_.table_mutex);
      if (state_.table.claimed() == out.max()) state_.table.set_claimed(before);
      throw;
    }
  if (work) core_.work_later(shared_from_this());
  return out;
}

imap::UidSet MailboxImpl::unclaimed_recent() const {
  const std::lock_guard lock(state_.table_mutex);
  return state_.table.unclaimed();
}

}  // namespace store
