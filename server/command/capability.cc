// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "proto/response/capability.h"
#include "server/session.h"

namespace server {

// CAPABILITY (RFC 9051 section 6.1.1)
Session::Answer Session::on(imap::CapabilityCommand&) {
  put_response(imap::CapabilityResponse{announced()});
  co_return imap::StatusResponse::ok("Capability completed.");
}

}  // namespace server
