// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "proto/command/unsubscribe.h"

#include "proto/parser.h"
#include "proto/printer.h"

namespace imap {

// RFC 9051 section 6.3.8: unsubscribe = "UNSUBSCRIBE" SP mailbox
UnsubscribeCommand UnsubscribeCommand::parse(Parser& parser) {
  parser.sp();
  UnsubscribeCommand out;
  out.mailbox = parser.mailbox();
  parser.end();
  return out;
}

void UnsubscribeCommand::print(Printer& printer) const { printer.raw(kName).sp().mailbox(mailbox); }

}  // namespace imap
