// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// ImapReplica: an IMAP server as one side, over as many connections as are wanted and allowed.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "sync/client/connect.h"
#include "sync/config/config.h"
#include "sync/imap/server_names.h"
#include "sync/replica.h"

namespace mirror {

struct ImapReplicaUse {
  std::vector<std::string> patterns;  // what to LIST, in the server's words; empty: everything
  Traffic* traffic = nullptr;
  base::Log log;
  EarlyCompression* early = nullptr;
  GivenPassword* given = nullptr;  // outlives the replica
  KnownNamespace known;
  imap::SpoolFactory spool = imap::spool_in_memory();
  transport::WorkerPool* workers = nullptr;  // which write there
  std::shared_ptr<Tracing> trace{};          // who listens in; may be null
};

// The config outlives it.
std::unique_ptr<Replica> make_imap_replica(const ServerConfig& config, ImapReplicaUse use);

// What the server offers, for `postern doctor`: one line each, the chosen tier first. Connects.
asio::awaitable<std::vector<std::string>> examine_server(const ServerConfig& config, base::Log log);

}  // namespace mirror
