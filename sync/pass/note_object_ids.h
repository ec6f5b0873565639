// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// What the server calls the paired messages of a mailbox (EMAILID, X-GM-MSGID), for when they are somewhere else.
#pragma once

#include <asio/awaitable.hpp>

#include "sync/pass/context/pass_context.h"

namespace mirror {

// Asks for those that are not known yet, about 40 octets each; each once, and not all at once.
asio::awaitable<void> note_object_ids(PassContext& context, MailboxPair& mailbox);

}  // namespace mirror
