// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "proto/command/rename.h"

#include "proto/parser.h"
#include "proto/printer.h"

namespace imap {

// RFC 9051 section 6.3.6: rename = "RENAME" SP mailbox SP mailbox
RenameCommand RenameCommand::parse(Parser& parser) {
  RenameCommand out;
  parser.sp();
  out.from = parser.mailbox();
  parser.sp();
  out.to = parser.mailbox();
  parser.end();
  return out;
}

void RenameCommand::print(Printer& printer) const { printer.raw(kName).sp().mailbox(from).sp().mailbox(to); }

}  // namespace imap
