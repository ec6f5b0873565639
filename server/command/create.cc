// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "server/session.h"

namespace server {

// CREATE (RFC 9051 section 6.3.4, RFC 6154)
Session::Answer Session::on(imap::CreateCommand& command) {
  const auto name = named(command.mailbox);
  const auto done = co_await work([&] { return context_.store->create(name, command.special_use); });
  if (!done) co_return imap::StatusResponse::no(done.error());
  co_return imap::StatusResponse::ok("Create completed.");
}

}  // namespace server
