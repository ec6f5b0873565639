// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Connecting as the configuration says: dial, TLS, greeting, login, extensions.
#pragma once

#include <asio/awaitable.hpp>

#include <chrono>
#include <memory>
#include <optional>

#include "sync/client/client.h"
#include "sync/client/password_command.h"
#include "sync/config/config.h"

namespace mirror {

// What a connection is for: a control connection is compressed where the server can; one for bulk only where the link
// is slower than deflate.
enum class Purpose : std::uint8_t { Control, Bulk };

// Whether COMPRESS may go with the login, before it is known what the server can: it was seen to have it, and nothing
// between has lost it.
enum class EarlyCompression : std::uint8_t { Unknown, Works, Fails };

struct ConnectionUse {
  Purpose purpose = Purpose::Control;
  Traffic* traffic = nullptr;
  base::Log log;
  EarlyCompression* early = nullptr;  // what is known, and is learnt
  GivenPassword* given = nullptr;     // the same; outlives what connects with it
  imap::SpoolFactory spool = imap::spool_in_memory();
  transport::WorkerPool* workers = nullptr;  // which write there
  bool introduces = true;                    // else who opens a mailbox does so (introduce())
  std::shared_ptr<Tracing> trace{};          // who listens in; may be null
};

struct Connected {
  std::unique_ptr<Client> client;
  bool asked_for_qresync = false, qresync = false;  // and granted
  bool selected = false;                            // a mailbox is, or was
  bool introduced = false;                          // it knows who we are, where it asks
  std::chrono::steady_clock::time_point used = std::chrono::steady_clock::now();
};

// Logged in. Throws Failure with a sentence that names the server.
asio::awaitable<Connected> connect(const ServerConfig& config, ConnectionUse use);

// Says who we are, once, to servers that ask (ID): 163.com and 126.com open no mailbox for who has not said it.
asio::awaitable<void> introduce(Connected& connected);

// Asks for QRESYNC, once, where the server announces it; a pass that opens no mailbox does without. The answer is known
// when the ticket is ended.
asio::awaitable<std::optional<Client::Ticket>> begin_qresync(Connected& connected);

bool is_fast_link(const ServerConfig& config);                 // faster than deflate: this machine
bool compresses(const ServerConfig& config, Purpose purpose);  // where the server can

}  // namespace mirror
