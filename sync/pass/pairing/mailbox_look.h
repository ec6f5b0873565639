// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// MailboxLook: what both sides of a mailbox say, since the states that are known, and whether they are believed.
#pragma once

#include <asio/awaitable.hpp>

#include <vector>

#include "sync/pass/context/pass_context.h"

namespace mirror {

class MailboxLook {
 public:
  // From where the record says on.
  MailboxLook(PassContext& context, MailboxPair& mailbox);

  // Again: since the last look; else nothing has happened on this side.
  asio::awaitable<void> look(bool again, Side side);
  // Everything, also what was told before.
  asio::awaitable<void> look_at_all();
  // Since the record again.
  asio::awaitable<void> look_anew(Side side);

  // Whether it is the mailbox that is known: UIDVALIDITY is the same, and UIDNEXT has not gone back.
  bool is_same_mailbox(Side side) const;
  // Says why a side is not believed in all, once.
  void note_doubt();
  bool in_doubt() const { return in_doubt_; }  // then how far a side is, is not recorded

  bool shows(Side side, imap::Uid uid) const;
  imap::UidSet unpaired(Side side) const;
  // Those in the journal of which both messages are there, with the flags that both have.
  std::vector<Pair> known_pairs() const;

  SideChanges local, remote;
  SideChanges& on(Side side) { return side == Side::Local ? local : remote; }
  const SideChanges& on(Side side) const { return side == Side::Local ? local : remote; }

 private:
  imap::UidSet known_on(Side side) const;
  PassContext& context_;
  MailboxPair& mailbox_;
  bool in_doubt_ = false;
};

}  // namespace mirror
