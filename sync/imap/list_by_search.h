// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Listing a mailbox of which a server does not tell all flags: it refuses, or breaks the connection at one message.
#pragma once

#include <asio/awaitable.hpp>

#include "sync/client/client.h"
#include "sync/imap/imap_selected.h"

namespace mirror {

// SEARCH names what is there, and what is not listed yet is asked for in ever smaller parts. Of those that remain, the
// new ones are believed to be there, with the flags that SEARCH tells. Throws MailboxFailure where that is refused too.
asio::awaitable<void> list_in_parts(Client& client, const imap::UidSet& known, Selected& said);

// Without any FETCH. Of what was known nothing is concluded.
asio::awaitable<void> list_by_search(Client& client, const imap::UidSet& known, Selected& said);

}  // namespace mirror
