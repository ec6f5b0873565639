// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Copies and moves on the remote side what was copied and moved here, so that no text crosses again.
#pragma once

#include <asio/awaitable.hpp>

#include <map>
#include <vector>

#include "sync/moves.h"
#include "sync/pass/mailboxes/mailbox_list.h"

namespace mirror {

// By the copy here.
using Arrived = std::map<MessagePlace, Pair>;

// Before the mailboxes are synchronised, which does the rest: what is moved here and not there is sent and expunged.
asio::awaitable<Arrived> carry_copies(MailboxList& list, std::vector<CopyThere> wanted);

}  // namespace mirror
