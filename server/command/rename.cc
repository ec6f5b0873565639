// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "server/session.h"

namespace server {

// RENAME (RFC 9051 section 6.3.6)
Session::Answer Session::on(imap::RenameCommand& command) {
  const auto from = named(command.from), to = named(command.to);
  const auto done = co_await work([&] { return context_.store->rename(from, to); });
  if (!done) co_return imap::StatusResponse::no(done.error());
  co_return imap::StatusResponse::ok("Rename completed.");
}

}  // namespace server
