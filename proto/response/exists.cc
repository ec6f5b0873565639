// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "proto/response/exists.h"

#include "proto/parser.h"
#include "proto/printer.h"

namespace imap {

// message-data = number SP "EXISTS"; the number stands before the name
ExistsResponse ExistsResponse::parse(Parser& parser) {
  ExistsResponse out;
  out.messages = parser.number();
  parser.sp();
  parser.expect_word("EXISTS");
  return out;
}

void ExistsResponse::print(Printer& printer) const { printer.raw("* ").number(messages).raw(" EXISTS\r\n"); }

}  // namespace imap
