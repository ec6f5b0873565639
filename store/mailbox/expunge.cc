// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// EXPUNGE: the index forgets the messages; their files are unlinked behind it.

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

base::Result<imap::UidSet> MailboxImpl::remove_where(const std::function<bool(const Row&)>& condition,
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
