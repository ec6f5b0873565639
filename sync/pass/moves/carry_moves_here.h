// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Moves here what others have moved on the remote side, so that no text crosses again.
#pragma once

#include <asio/awaitable.hpp>

#include <deque>
#include <vector>

#include "sync/moves.h"
#include "sync/moves_here.h"
#include "sync/pass/mailboxes/mailbox_list.h"

namespace mirror {

// Of the mailboxes that are to be synchronised; asks the server where worth_a_look() says so. left: what was copied and
// moved here and could not be there, since others may have moved the originals.
asio::awaitable<std::vector<MoveHere>> find_moves_here(MailboxList& list, const std::deque<Candidate*>& to_do,
                                                       const std::vector<CopyThere>& left);

// Before the mailboxes are synchronised, which forgets what is then gone on both sides.
asio::awaitable<void> carry_moves_here(MailboxList& list, std::vector<MoveHere> moves);

}  // namespace mirror
