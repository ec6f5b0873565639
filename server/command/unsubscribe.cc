// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "server/session.h"

namespace server {

// UNSUBSCRIBE (RFC 9051 section 6.3.8)
Session::Answer Session::on(imap::UnsubscribeCommand& command) {
  const auto name = named(command.mailbox);
  const auto done = co_await work([&] { return context_.store->set_subscribed(name, false); });
  if (!done) co_return imap::StatusResponse::no(done.error());
  co_return imap::StatusResponse::ok("Unsubscribe completed.");
}

}  // namespace server
