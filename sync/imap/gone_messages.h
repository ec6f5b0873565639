// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <asio/awaitable.hpp>

#include "proto/base/result.h"
#include "proto/sequence_set.h"
#include "sync/client/client.h"

namespace mirror {

// Whether these messages of the selected mailbox are gone. Refused, where any of them is still there.
asio::awaitable<base::Result<void>> check_gone(Client& client, imap::UidSet uids);

}  // namespace mirror
