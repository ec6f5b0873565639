// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Changes of the selected mailbox on a server with CONDSTORE and without QRESYNC: what they cost does not grow with the
// mailbox.
#pragma once

#include <asio/awaitable.hpp>

#include "proto/mailbox_name.h"
#include "sync/client/client.h"
#include "sync/imap/imap_selected.h"

namespace mirror {

// Fills in what SELECT has not told of the changes since a state. False: the server's answers do not add up, and
// everything must be listed (list_all).
asio::awaitable<bool> list_changes(Client& client, const imap::MailboxName& name, SideState since, imap::UidSet known,
                                   Selected& said);

}  // namespace mirror
