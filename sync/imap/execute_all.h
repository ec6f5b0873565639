// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Several commands, some of them under way at once.
#pragma once

#include <asio/awaitable.hpp>

#include <vector>

#include "proto/base/result.h"
#include "sync/client/client.h"

namespace mirror {

// All of them, also behind one that was refused; the first refusal.
asio::awaitable<base::Result<void>> execute_all(Client& client, std::vector<imap::Command> commands,
                                                Client::Sink sink = {});

}  // namespace mirror
