// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "proto/command/sort.h"

#include "proto/parser.h"
#include "proto/printer.h"
#include "proto/search/search_key_text.h"

namespace imap {

// RFC 5256 section 5, RFC 5267 section 6:
// sort = "SORT" [SP "RETURN" SP "(" [option *(SP option)] ")"] SP sort-criteria SP charset 1*(SP search-key)
SortCommand SortCommand::parse(Parser& parser) {
  SortCommand out;
  out.by_uid = parser.by_uid;
  parser.sp();
  out.returns = parse_search_return(parser);
  out.program = parse_sort_program(parser);
  parser.sp();
  out.charset = parser.astring();
  if (out.charset.empty()) parser.fail("a charset");
  parser.sp();
  out.key = parse_search_keys(parser);
  parser.end();
  return out;
}

void SortCommand::print(Printer& printer) const {
  if (by_uid) printer.raw("UID ");
  printer.raw(kName);
  print_search_return(printer, returns);
  printer.sp();
  print_sort_program(printer, program);
  printer.sp().astring(charset).sp();
  print_search_keys(printer, key);
}

}  // namespace imap
