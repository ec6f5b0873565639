// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "proto/response/id.h"
#include "proto/base/printable.h"
#include "proto/base/version.h"
#include "server/session.h"

namespace server {

namespace {
constexpr std::size_t kLongestName = 40;  // characters of a client's name that the ledger gets
}  // namespace

// ID (RFC 2971)
Session::Answer Session::on(imap::IdCommand& command) {
  for (const auto& [name, value] : command.fields) {
    if (value && imap::equal_ignoring_case(name, "name"))
      client_ = "client " + base::shortened(base::printable(*value), kLongestName);
    if (value && (imap::equal_ignoring_case(name, "name") || imap::equal_ignoring_case(name, "version")))
      context_.log.debug("client's id", {{"field", name}, {"value", *value}});
  }
  put_response(imap::IdResponse{{{"name", "Postern"}, {"version", base::version()}}});
  co_return imap::StatusResponse::ok("ID completed.");
}

}  // namespace server
