// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "proto/response/enabled.h"
#include "server/session.h"

namespace server {

// ENABLE (RFC 5161); QRESYNC enables CONDSTORE as well (RFC 7162 section 3.2.3).
Session::Answer Session::on(imap::EnableCommand& command) {
  imap::EnabledResponse enabled;
  for (const auto& name : command.capabilities) {
    if (name == "QRESYNC" && !qresync_) {
      qresync_ = true;
    } else if (name != "CONDSTORE" || condstore_) {
      continue;
    }
    enabled.capabilities.push_back(name);
  }
  put_response(enabled);
  if (!enabled.capabilities.empty()) enable_condstore();
  co_return imap::StatusResponse::ok("Enabled.");
}

}  // namespace server
