// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Which messages are to be copied or moved on the remote side, since clients of ours have done so here.
#pragma once

#include <asio/awaitable.hpp>

#include <map>
#include <vector>

#include "sync/moves.h"
#include "sync/pass/mailboxes/mailbox_list.h"

namespace mirror {

struct CopiesThere {
  std::vector<NotedCopy> notes;
  std::map<MailboxPath, MailboxFacts> facts;  // of the mailboxes that the notes name
  std::vector<CopyThere> wanted;
};

// Whether it is the mailbox that is known, as far as the listing tells.
bool stands_as_known(const ReplicaEntry* entry, const SideState& known);

// Asks this side alone. Both sides have their mailboxes by now.
asio::awaitable<CopiesThere> find_copies_there(MailboxList& list);

// Whether this side of it was made in this pass, so that it was empty, and nothing is known of the mailbox.
bool was_made(const MailboxList& list, const Candidate& candidate, Side side);

}  // namespace mirror
