// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "proto/command/logout.h"

#include "proto/parser.h"
#include "proto/printer.h"

namespace imap {

// RFC 9051 section 6.1.3: logout = "LOGOUT"
LogoutCommand LogoutCommand::parse(Parser& parser) {
  parser.end();
  return {};
}

void LogoutCommand::print(Printer& printer) const { printer.raw(kName); }

}  // namespace imap
