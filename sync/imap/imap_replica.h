// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// ImapReplica: an IMAP server as one side, over as many connections as are wanted and allowed.
#pragma once

#include <memory>
#include <string>

#include "sync/config/config.h"
#include "sync/imap/connect.h"
#include "sync/replica.h"

namespace mirror {

// The config outlives it. `patterns`: what to LIST, in the server's words; empty: everything.
std::unique_ptr<Replica> make_imap_replica(const ServerConfig& config, std::vector<std::string> patterns,
                                           Traffic* traffic, base::Log log, EarlyCompression* early = nullptr);

// What the server offers, for `postern doctor`: one line each, the chosen tier first. Connects.
asio::awaitable<std::vector<std::string>> examine_server(const ServerConfig& config, base::Log log);

}  // namespace mirror
