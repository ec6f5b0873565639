// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "proto/command/status.h"

#include "proto/parser.h"
#include "proto/printer.h"
#include "proto/status_items_text.h"

namespace imap {

// RFC 9051 section 6.3.11: status = "STATUS" SP mailbox SP "(" status-att *(SP status-att) ")"
StatusCommand StatusCommand::parse(Parser& parser) {
  StatusCommand out;
  parser.sp();
  out.mailbox = parser.mailbox();
  parser.sp();
  out.items = parse_status_items(parser);
  parser.end();
  return out;
}

void StatusCommand::print(Printer& printer) const {
  printer.raw(kName).sp().mailbox(mailbox).sp();
  print_status_items(printer, items);
}

}  // namespace imap
