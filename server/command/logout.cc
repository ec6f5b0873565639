// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "server/session.h"

namespace server {

// LOGOUT (RFC 9051 section 6.1.3)
Session::Answer Session::on(imap::LogoutCommand&) {
  view_.reset();
  state_ = imap::State::Logout;
  put(imap::StatusResponse::bye("Logging out"));
  co_return imap::StatusResponse::ok("Logout completed.");
}

}  // namespace server
