// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// PlannedMoves: what a pass would move and copy between the mailboxes of a side, for a plan that is only shown.
#pragma once

#include <asio/awaitable.hpp>

#include <cstdint>
#include <deque>
#include <map>

#include "sync/pass/mailboxes/mailbox_list.h"

namespace mirror {

class PlannedMoves {
 public:
  explicit PlannedMoves(MailboxList& list) : list_(list) {}

  // The journal, which is one for a trial, then knows nothing of what moves away.
  asio::awaitable<void> find(const std::deque<Candidate*>& to_do);

  struct Into {
    std::uint64_t moves = 0, copies = 0;
  };
  Into into(const MailboxPath& mailbox, Side side) const;
  // Takes out of a mailbox's plan what is not to be copied.
  void take_out(const MailboxPath& mailbox, Plan& plan) const;

 private:
  struct OfMailbox {
    Into local, remote;
    imap::UidSet not_from_local, not_from_remote;
  };
  void forget(store::StateBatch& batch, const MailboxPath& mailbox, const Pair& pair);
  MailboxList& list_;
  std::map<MailboxPath, OfMailbox> mailboxes_;
};

}  // namespace mirror
