// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Moves: what clients of ours have copied and moved here, and what follows from that on the other side. Pure.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "sync/mode.h"
#include "sync/pair_table.h"
#include "sync/replica.h"

namespace mirror {

// What is known of a mailbox, as far as noted copies name its messages.
struct MailboxFacts {
  std::map<imap::Uid, Pair> pairs{};  // by the UID here
  imap::UidSet fresh{};               // here, and the other side is not known to have anything of them
  imap::UidSet removed{};             // a client of ours has removed them here
  Permits permits{};
};

// A message that the other side has, and of which it gets a copy in another mailbox, or that goes there.
struct CopyThere {
  MessagePlace copy;    // here
  MailboxPath mailbox;  // of the original, on both sides
  Pair original;
  Manner manner = Manner::Copy;
  // It has come back to the mailbox where it was: nothing is done there.
  bool stays() const { return manner == Manner::Move && copy.mailbox == mailbox; }
};

// Copies before moves, and those of a pair of mailboxes together.
std::vector<CopyThere> plan_copies(const std::vector<NotedCopy>& notes,
                                   const std::map<MailboxPath, MailboxFacts>& facts);

// Whether the message on the other side is what was paired with the original of this copy. Where neither has a
// Message-ID, size and date must tell.
bool is_original(const Pair& original, const Identity& there, const Identity& copy);

}  // namespace mirror
