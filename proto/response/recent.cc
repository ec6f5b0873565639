// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "proto/response/recent.h"

#include "proto/parser.h"
#include "proto/printer.h"

namespace imap {

// message-data = number SP "RECENT"; the number stands before the name
RecentResponse RecentResponse::parse(Parser& parser) {
  RecentResponse out;
  out.messages = parser.number();
  parser.sp();
  parser.expect_word("RECENT");
  return out;
}

void RecentResponse::print(Printer& printer) const { printer.raw("* ").number(messages).raw(" RECENT\r\n"); }

}  // namespace imap
