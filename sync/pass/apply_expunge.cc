// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Apply, expunging: of the messages that were paired, and of no others.
#include "sync/pass/apply.h"
#include "sync/pass/message_mark.h"

namespace mirror {

// Those that are other messages than the ones that were paired. UIDVALIDITY, UIDNEXT and MODSEQ do not tell: a server
// that was restored from a backup gives UIDs anew and counts on.
asio::awaitable<imap::UidSet> Apply::strangers(const imap::UidSet& uids, Side side) {
  imap::UidSet out;
  if (mailbox_.on(side).commits_state()) co_return out;  // the store of this process
  const auto there = co_await mailbox_.on(side).identities(uids);
  for (const auto& one : there) {
    const auto* pair = mailbox_.pairs.find(side, one.uid);
    if (pair && pair->mark != 0 && pair->mark != mark_of(one.message_id)) out.add(one.uid);
  }
  co_return out;
}

asio::awaitable<void> Apply::expunge(const imap::UidSet& uids, Side side) {
  if (uids.empty()) co_return;
  const auto others = co_await strangers(uids, side);
  if (!others.empty()) {
    found_strangers_ = true;
    refused("messages that were deleted are not expunged on the " + std::string(name_of(side)) + " side",
            {base::Reason::Failed, "there are other messages in their place now (" + std::to_string(others.size()) +
                                       "; has the server been restored from a backup?). Nothing was expunged there; "
                                       "the next pass pairs the messages of this mailbox anew"});
    co_return;
  }
  const auto done = co_await mailbox_.on(side).expunge(uids);
  if (!done) {
    refused(std::string("messages cannot be expunged on the ") + name_of(side) + " side", done.error());
    co_return;
  }
  auto& counts = context_.progress.counts;
  (side == Side::Local ? counts.expunged_local : counts.expunged_remote) += uids.size();
  context_.progress.tick();
}

}  // namespace mirror
