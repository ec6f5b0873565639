// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "proto/response/sort.h"

#include <utility>

#include "proto/parser.h"
#include "proto/printer.h"

namespace imap {

// sort-data = "SORT" *(SP nz-number) [SP "(MODSEQ" SP mod-sequence-value ")"]: as SEARCH has it
SortResponse SortResponse::parse(Parser& parser) {
  auto found = SearchResponse::parse(parser);
  return {std::move(found.numbers), found.modseq};
}

void SortResponse::print(Printer& printer) const {
  printer.raw("* SORT");
  for (const auto number : numbers) printer.sp().number(number);
  if (modseq) printer.raw(" (MODSEQ ").number(modseq->value).raw(")");
  printer.crlf();
}

}  // namespace imap
