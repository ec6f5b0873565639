// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <asio/awaitable.hpp>

#include "sync/pass/pairing/mailbox_look.h"

namespace mirror {

// Pairs what is the same on both sides of a mailbox of which nothing is known, or that is older than what is known.
// Throws StrangersFailure where the two sides look like two mailboxes.
asio::awaitable<void> adopt(PassContext& context, MailboxPair& mailbox, const MailboxLook& look);

}  // namespace mirror
