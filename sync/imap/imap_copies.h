// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// COPY and MOVE on a server, and what it tells of the copies (COPYUID, RFC 4315).
#pragma once

#include <asio/awaitable.hpp>

#include "proto/mailbox_name.h"
#include "sync/client/client.h"
#include "sync/replica.h"

namespace mirror {

// From the selected mailbox. A COPYUID that contradicts itself, or what was asked, counts as none. Ends at the first
// part that is refused.
asio::awaitable<CopyOutcome> copy_there(Client& client, imap::UidSet uids, imap::MailboxName to, Manner manner);

// The UIDs of the selected mailbox from this one on, after NOOP.
asio::awaitable<base::Result<imap::UidSet>> search_from(Client& client, imap::Uid first);

}  // namespace mirror
