// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Moves that others have made on the remote side: which mailboxes are worth a look for them, and which message that has
// come is one that has gone elsewhere. Pure.
#pragma once

#include <cstdint>
#include <set>
#include <vector>

#include "sync/pair_table.h"
#include "sync/replica.h"

namespace mirror {

// A mailbox's remote side, as both sides agreed on it and as it is listed now. Where nothing was agreed it is new
// there.
struct Counted {
  MailboxPath mailbox;
  SideState known, now;

  std::uint64_t grown() const;  // messages that have come, at most
  std::uint64_t lost() const;   // messages that have gone, at least one where this is not 0
};

// Those in which a message may have gone, or come from another one, in the order in which they are to be looked at.
// None, where nothing can have moved, or to find that out would cost more than it saves.
std::vector<MailboxPath> worth_a_look(const std::vector<Counted>& mailboxes);

// A message that this side has and the remote one has no longer; one that the remote side alone has.
struct LostThere {
  MailboxPath mailbox;
  MailboxPath twin_in;  // where the other one was: the same mailbox, unless a client of ours has moved this one
  Pair pair;            // its UID here, and the other one's
  Identity here;        // object_id: what the server called the other one
};
struct NewThere {
  MailboxPath mailbox;
  Identity there;
};

struct MoveHere {
  LostThere from;
  NewThere to;
  bool in_doubt = false;  // there are others with this Message-ID: headers must be the same too
};

// The server calls both the same and they have one Message-ID; or, where that is not known, Message-ID, size and date
// are the same and it is no draft, whose text may be another one under the same Message-ID. In both cases of no other
// message that has gone or come. marks_here: of the Message-IDs of messages that have not gone (sync/message_mark.h).
std::vector<MoveHere> match_moves(const std::vector<LostThere>& lost, const std::vector<NewThere>& come,
                                  const std::set<std::uint64_t>& marks_here = {});

}  // namespace mirror
