// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Listing: every UID and its flags of the selected mailbox, and what may be believed of what is not in it.
#pragma once

#include <asio/awaitable.hpp>

#include <cstdint>

#include "proto/mailbox_name.h"
#include "sync/client/client.h"
#include "sync/imap/imap_selected.h"

namespace mirror {

// Lists everything. `known`: what was there before; those of it that are missing are in said.changes.unsure where the
// server, asked in another way, does not agree that they are gone, and said.changes.doubt tells why. Throws
// MailboxFailure where the server refuses to list.
asio::awaitable<void> list_all(Client& client, const imap::MailboxName& name, imap::UidSet known, Selected& said);

// Who has told that messages are missing: the other one is asked whether it agrees.
enum class Witness : std::uint8_t { Fetch, Search };
struct Missing {
  imap::UidSet known;    // what was there before
  imap::UidSet missing;  // and is not told of any more
  Witness first;
};
// Puts what the server does not agree about into said.changes.unsure, and why into said.changes.doubt.
asio::awaitable<void> confirm_gone(Client& client, const imap::MailboxName& name, Missing missing, Selected& said);
// The same for what the server has told to have vanished.
asio::awaitable<void> confirm_vanished(Client& client, const imap::MailboxName& name, imap::UidSet known,
                                       Selected& said);

}  // namespace mirror
