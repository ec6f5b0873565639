// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "proto/response/expunge.h"

#include "proto/parser.h"
#include "proto/printer.h"

namespace imap {

// message-data = nz-number SP "EXPUNGE"; the number stands before the name
ExpungeResponse ExpungeResponse::parse(Parser& parser) {
  ExpungeResponse out;
  out.number = SeqNum(parser.nz_number());
  parser.sp();
  parser.expect_word("EXPUNGE");
  return out;
}

void ExpungeResponse::print(Printer& printer) const { printer.raw("* ").number(number.value).raw(" EXPUNGE\r\n"); }

}  // namespace imap
