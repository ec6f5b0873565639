// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "server/session.h"

namespace server {

// CHECK (RFC 3501 section 6.4.1): whatever was answered is safe already; looks for what other programs did.
Session::Answer Session::on(imap::CheckCommand&) {
  co_await work([this] { view_->mailbox().check(); });
  co_return imap::StatusResponse::ok("Check completed.");
}

}  // namespace server
