// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// A server that does not greet may wait for TLS: `type = imap` on a port for imaps.
#pragma once

#include <asio/awaitable.hpp>

#include "sync/client/client.h"
#include "sync/config/config.h"

namespace mirror {

// As client.read_greeting(). Where no greeting comes within some seconds, a second connection finds out whether the
// server speaks TLS there; if so, throws Failure (Configuration) that says it.
asio::awaitable<void> read_greeting_or_find_tls(Client& client, const ServerConfig& config);

}  // namespace mirror
