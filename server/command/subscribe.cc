// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "server/session.h"

namespace server {

// SUBSCRIBE (RFC 9051 section 6.3.7)
Session::Answer Session::on(imap::SubscribeCommand& command) {
  const auto name = named(command.mailbox);
  const auto done = co_await work([&] { return context_.store->set_subscribed(name, true); });
  if (!done) co_return imap::StatusResponse::no(done.error());
  co_return imap::StatusResponse::ok("Subscribe completed.");
}

}  // namespace server
