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
  imap::UidSet unpaired{};            // copies that are here, and that have no twin yet
  imap::UidSet fresh{};               // of these: nothing is begun for them that has to be found out first
  imap::UidSet removed{};             // a client of ours has removed them here
  Permits permits{};
};

// A message that the other side has, and of which it gets a copy in another mailbox, or that goes there.
struct CopyThere {
  MessagePlace copy;    // here
  MailboxPath mailbox;  // of the original, on both sides
  Pair original;
  Manner manner = Manner::Copy;
  bool is_told = true;  // by a note; else it was concluded, and size and date must be those of the original too
  // It has come back to the mailbox where it was: nothing is done there.
  bool stays() const { return manner == Manner::Move && copy.mailbox == mailbox; }
};

// Copies before moves, and those of a pair of mailboxes together.
std::vector<CopyThere> plan_copies(const std::vector<NotedCopy>& notes,
                                   const std::map<MailboxPath, MailboxFacts>& facts);

// Which of these copies, all into one mailbox, somebody else has made there too, by Message-ID, size and date: UIDs
// here and there. `come`: what has come there.
std::map<imap::Uid, imap::Uid> made_by_others(const std::vector<CopyThere>& wanted, const std::vector<Identity>& here,
                                              const std::vector<Identity>& come);

// What is not to be removed on the other side, by its UID here, though it is gone here: of a copy of it that is here
// the other side has nothing yet. Where it has another copy, it may go.
std::map<MailboxPath, imap::UidSet> kept_originals(const std::vector<NotedCopy>& notes,
                                                   const std::map<MailboxPath, MailboxFacts>& facts);

// Whether one of the copies that the other side has nothing of was made of what was in a mailbox that is here no
// longer.
bool is_all_that_is_left(const std::vector<NotedCopy>& notes, const std::map<MailboxPath, MailboxFacts>& facts);

// The notes that lead no copy without a twin to its original.
std::vector<NotedCopy> needless(const std::vector<NotedCopy>& notes, const std::map<MailboxPath, MailboxFacts>& facts);

// Whether the message on the other side is what was paired with the original of this copy. Where neither has a
// Message-ID, size and date must tell.
bool is_original(const Pair& original, const Identity& there, const Identity& copy);
// The same, and what CopyThere::is_told asks for.
bool is_original_of(const CopyThere& wanted, const Identity& there, const Identity& copy);

}  // namespace mirror
