// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Listing: every UID and its flags of the selected mailbox, and what may be believed of what is not in it.
#pragma once

#include <asio/awaitable.hpp>

#include "proto/mailbox_name.h"
#include "sync/imap/client.h"
#include "sync/imap/imap_selected.h"

namespace mirror {

// Lists everything. `known`: what was there before; those of it that are missing are in said.changes.unsure where the
// server, asked in another way, does not agree that they are gone, and said.changes.doubt tells why. Throws
// MailboxFailure where the server refuses to list.
asio::awaitable<void> list_all(Client& client, const imap::MailboxName& name, imap::UidSet known, Selected& said);

}  // namespace mirror
