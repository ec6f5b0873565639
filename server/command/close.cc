// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "server/session.h"

namespace server {

// CLOSE (RFC 9051 section 6.4.1)
Session::Answer Session::on(imap::CloseCommand&) {
  if (!view_->read_only()) {
    const auto removed = co_await work([this] { return view_->mailbox().expunge(std::nullopt, {}, client_); });
    if (!removed && removed.error().reason != base::Reason::NoSuchMailbox)
      co_return imap::StatusResponse::no(removed.error());
  }
  unselect();
  co_return imap::StatusResponse::ok("Close completed.");
}

}  // namespace server
