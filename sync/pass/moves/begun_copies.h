// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Copies and moves that an earlier pass has begun on the remote side, and whose end it did not learn.
#pragma once

#include <asio/awaitable.hpp>

#include "sync/pass/moves/copies_there.h"

namespace mirror {

// Looks for them there. What is found is paired; what was not made can be tried again. False: there were none.
asio::awaitable<bool> settle_begun(MailboxList& list, const CopiesThere& copies);

}  // namespace mirror
