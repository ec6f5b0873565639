// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <asio/awaitable.hpp>

#include "sync/pass/pairing/mailbox_look.h"

namespace mirror {

// A mailbox that is another one than before on one side or both: UIDVALIDITY changed, or UIDNEXT has gone back, since a
// server was moved, or a backup was put back. Pairs its messages anew by what they are. Looks at both sides.
asio::awaitable<void> heal(PassContext& context, MailboxPair& mailbox, MailboxLook& look, bool changed_here,
                           bool changed_there);

}  // namespace mirror
