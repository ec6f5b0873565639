// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "server/session.h"

namespace server {

// UNSELECT (RFC 3691)
Session::Answer Session::on(imap::UnselectCommand&) {
  unselect();
  co_return imap::StatusResponse::ok("Unselect completed.");
}

}  // namespace server
