// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "proto/response/esearch.h"

#include "proto/parser.h"
#include "proto/printer.h"

namespace imap {

// RFC 9051 section 9: esearch-response = "ESEARCH" [SP "(" "TAG" SP tag-string ")"] [SP "UID"] *(SP search-return-data)
EsearchResponse EsearchResponse::parse(Parser& parser) {
  EsearchResponse out;
  while (parser.accept(' ')) {
    if (parser.at_end()) break;
    if (parser.accept('(')) {
      parser.expect_word("TAG");
      parser.sp();
      out.tag = parser.astring();
      parser.expect(')');
      continue;
    }
    const auto name = parser.upper_atom();
    if (name == "UID") {
      out.by_uid = true;
      continue;
    }
    parser.sp();
    if (name == "MIN")
      out.min = parser.number();
    else if (name == "MAX")
      out.max = parser.number();
    else if (name == "COUNT")
      out.count = parser.number64();
    else if (name == "ALL")
      out.all = parser.sequence_set();
    else if (name == "MODSEQ")
      out.modseq = parser.mod_sequence_or_zero();
    else
      parser.skip_value();
  }
  return out;
}

void EsearchResponse::print(Printer& printer) const {
  printer.raw("* ESEARCH");
  if (tag) printer.raw(" (TAG ").string(*tag).raw(")");
  if (by_uid) printer.raw(" UID");
  if (min) printer.raw(" MIN ").number(*min);
  if (max) printer.raw(" MAX ").number(*max);
  if (count) printer.raw(" COUNT ").number(*count);
  if (all) printer.raw(" ALL ").sequence_set(*all);
  if (modseq) printer.raw(" MODSEQ ").number(modseq->value);
  printer.crlf();
}

}  // namespace imap
