// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "proto/response/enabled.h"
#include "server/session.h"

namespace server {

// ENABLE (RFC 5161); QRESYNC enables CONDSTORE as well (RFC 7162 section 3.2.3). What was on before is named again: to
// a client a name that is missing means that it has failed (RFC 9051 section 7.2.1).
Session::Answer Session::on(imap::EnableCommand& command) {
  imap::EnabledResponse enabled;
  for (const auto& name : command.capabilities) {
    if (name != "QRESYNC" && name != "CONDSTORE") continue;
    qresync_ = qresync_ || name == "QRESYNC";
    if (std::ranges::find(enabled.capabilities, name) == enabled.capabilities.end())
      enabled.capabilities.push_back(name);
  }
  put_response(enabled);
  if (!enabled.capabilities.empty()) enable_condstore();
  co_return imap::StatusResponse::ok("Enabled.");
}

}  // namespace server
