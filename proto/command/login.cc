// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "proto/command/login.h"

#include "proto/parser.h"
#include "proto/printer.h"

namespace imap {

// RFC 9051 section 6.2.3: login = "LOGIN" SP userid SP password
LoginCommand LoginCommand::parse(Parser& parser) {
  LoginCommand out;
  parser.sp();
  out.user = parser.astring();
  parser.sp();
  out.password = base::Secret(parser.astring());
  parser.end();
  return out;
}

void LoginCommand::print(Printer& printer) const {
  printer.raw(kName).sp().astring(user).sp().astring(password.reveal());
}

}  // namespace imap
