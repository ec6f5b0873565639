// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "server/session.h"

namespace server {

// NOOP (RFC 9051 section 6.1.2)
Session::Answer Session::on(imap::NoopCommand&) {
  if (view_) co_await work([this] { view_->mailbox().check_soon(); });
  co_return imap::StatusResponse::ok("NOOP completed.");
}

}  // namespace server
