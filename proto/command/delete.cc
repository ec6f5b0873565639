// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "proto/command/delete.h"

#include "proto/parser.h"
#include "proto/printer.h"

namespace imap {

// RFC 9051 section 6.3.5: delete = "DELETE" SP mailbox
DeleteCommand DeleteCommand::parse(Parser& parser) {
  parser.sp();
  DeleteCommand out;
  out.mailbox = parser.mailbox();
  parser.end();
  return out;
}

void DeleteCommand::print(Printer& printer) const { printer.raw(kName).sp().mailbox(mailbox); }

}  // namespace imap
