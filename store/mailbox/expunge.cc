// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// EXPUNGE: the index forgets the messages; their files are unlinked behind it. Many are removed in several changes, so
// that others get their turn and not too much is in memory at once: where one fails, those before it have happened.
#include "store/mailbox/change.h"
#include "store/mailbox/mailbox_impl.h"

namespace store {

base::Result<imap::UidSet> MailboxImpl::expunge(const std::optional<imap::UidSet>& uids, const AtCommit& at_commit,
                                                const std::string& by) {
  return remove_where(
      [&](const Row& row) {
        return (row.system_flags & static_cast<std::uint8_t>(imap::Flag::Deleted)) &&
               (!uids || uids->contains(row.uid));
      },
      at_commit, client_or(by));
}

base::Result<imap::UidSet> MailboxImpl::remove(const imap::UidSet& uids, const AtCommit& at_commit,
                                               const std::string& by) {
  return remove_where([&](const Row& row) { return uids.contains(row.uid); }, at_commit, by);
}

// What is written with it is written once: then it is one change.
base::Result<imap::UidSet> MailboxImpl::remove_where(const std::function<bool(const Row&)>& condition,
                                                     const AtCommit& at_commit, const std::string& kept_by) {
  imap::UidSet out;
  for (;;) {
    auto removed = remove_first(condition, at_commit ? SIZE_MAX : core_.removed_at_once, at_commit, kept_by);
    if (!removed) return removed;
    out.add(*removed);
    if (at_commit || removed->size() < core_.removed_at_once) return out;
  }
}

base::Result<imap::UidSet> MailboxImpl::remove_first(const std::function<bool(const Row&)>& condition, std::size_t most,
                                                     const AtCommit& at_commit, const std::string& kept_by) {
  imap::UidSet out;
  try {
    const Foreground::Busy busy(core_.foreground);
    const ChangeLock lock(state_.change_mutex);
    if (auto alive = check_alive(); !alive) return std::unexpected(alive.error());
    Change change(state_, client_or(kept_by));
    std::vector<imap::Uid> removed;
    for (const auto& row : state_.table().rows()) {
      if (!condition(row)) continue;
      if (removed.size() == most) break;
      out.add(row.uid);
      removed.push_back(row.uid);
      change.draft().expunge(row, kept_by);
    }
    if (out.empty() && !at_commit) return out;
    if (!out.empty()) change.draft().record.highest_modseq = change.draft().modseq();
    change.commit(at_commit, removed);
  } catch (...) {
    return failed();
  }
  if (!out.empty()) {
    changed();
    core_.work_later(shared_from_this());
  }
  return out;
}

}  // namespace store
