// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "proto/command/append.h"

#include "proto/parser.h"
#include "proto/printer.h"

namespace imap {

// RFC 9051 section 6.3.12, RFC 3502: append = "APPEND" SP mailbox 1*append-message
// append-message = [SP flag-list] [SP date-time] SP literal
AppendCommand AppendCommand::parse(Parser& parser) {
  AppendCommand out;
  parser.sp();
  out.mailbox = parser.mailbox();
  parser.sp();
  for (;;) {
    Message message;
    if (parser.peek() == '(') {
      message.flags = parser.flag_list();
      parser.sp();
    }
    if (parser.peek() == '"') {
      message.internal_date = parser.date_time();
      parser.sp();
    }
    message.data = parser.literal();
    out.messages.push_back(std::move(message));
    if (parser.at_end()) return out;
    parser.sp();
    if (parser.at_end()) return out;
  }
}

void AppendCommand::print(Printer& printer) const {
  printer.raw(kName).sp().mailbox(mailbox);
  for (const auto& message : messages) {
    printer.sp();
    if (!message.flags.empty()) printer.flag_list(message.flags).sp();
    if (message.internal_date) printer.date_time(*message.internal_date).sp();
    printer.literal(message.data);
  }
}

}  // namespace imap
