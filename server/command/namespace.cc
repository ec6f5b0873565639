// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "proto/response/namespace.h"
#include "server/session.h"

namespace server {

// NAMESPACE (RFC 2342): one personal namespace without a prefix.
Session::Answer Session::on(imap::NamespaceCommand&) {
  imap::NamespaceResponse out;
  out.personal.push_back({"", context_.store->delimiter()});
  put_response(out);
  co_return imap::StatusResponse::ok("Namespace completed.");
}

}  // namespace server
