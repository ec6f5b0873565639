// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "proto/command/subscribe.h"

#include "proto/parser.h"
#include "proto/printer.h"

namespace imap {

// RFC 9051 section 6.3.7: subscribe = "SUBSCRIBE" SP mailbox
SubscribeCommand SubscribeCommand::parse(Parser& parser) {
  parser.sp();
  SubscribeCommand out;
  out.mailbox = parser.mailbox();
  parser.end();
  return out;
}

void SubscribeCommand::print(Printer& printer) const { printer.raw(kName).sp().mailbox(mailbox); }

}  // namespace imap
