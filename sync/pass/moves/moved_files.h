// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Moves on the remote side what another program has moved between the directories of this one (mv, a mail client
// without our server), so that no text crosses.
#pragma once

#include <asio/awaitable.hpp>

#include <vector>

#include "sync/moves.h"
#include "sync/pass/mailboxes/mailbox_list.h"

namespace mirror {

// Asks this side alone.
asio::awaitable<std::vector<CopyThere>> find_moved_files(MailboxList& list);

struct MovedFiles {
  std::vector<CopyThere> left;        // could not be moved: it is sent, and its original must stay there until it was
  std::vector<Candidate*> left_from;  // out of these something was moved: to be synchronised
};

// Before the mailboxes are synchronised.
asio::awaitable<MovedFiles> carry_moved_files(MailboxList& list);

}  // namespace mirror
