// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "server/session.h"

namespace server {

// STARTTLS (RFC 9051 section 6.2.1). What a stranger put behind it in plain text must not be taken for the client's:
// upgrade() throws then, and the session ends.
Session::Answer Session::on(imap::StarttlsCommand&) {
  if (context_.tls_active) co_return imap::StatusResponse::bad("TLS is already active.");
  if (!context_.start_tls) co_return imap::StatusResponse::bad("TLS is not supported here.");
  if (connection_.has_unread_input())
    co_return imap::StatusResponse::bad("No command may be sent behind STARTTLS before TLS is active.");
  after_answer_ = [this] {
    connection_.upgrade(context_.start_tls);
    context_.tls_active = true;
  };
  co_return imap::StatusResponse::ok("Begin TLS negotiation now.");
}

}  // namespace server
