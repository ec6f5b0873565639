// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "proto/response/search.h"

#include "proto/parser.h"
#include "proto/printer.h"

namespace imap {

// mailbox-data = "SEARCH" *(SP nz-number) [SP "(MODSEQ" SP mod-sequence-value ")"]
SearchResponse SearchResponse::parse(Parser& parser) {
  SearchResponse out;
  for (;;) {
    parser.skip_spaces();
    if (parser.at_end()) return out;
    if (parser.accept('(')) {
      parser.expect_word("MODSEQ");
      parser.sp();
      out.modseq = parser.mod_sequence_or_zero();
      parser.expect(')');
      continue;
    }
    out.numbers.push_back(parser.number());
  }
}

void SearchResponse::print(Printer& printer) const {
  printer.raw("* SEARCH");
  for (const auto number : numbers) printer.sp().number(number);
  if (modseq) printer.raw(" (MODSEQ ").number(modseq->value).raw(")");
  printer.crlf();
}

}  // namespace imap
