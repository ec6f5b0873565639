// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "proto/command/search.h"

#include "proto/parser.h"
#include "proto/printer.h"
#include "proto/search/search_key_text.h"

namespace imap {

std::optional<SearchReturn> parse_search_return(Parser& parser) {
  if (!parser.accept_word("RETURN ")) return std::nullopt;
  parser.skip_spaces();
  SearchReturn out;
  parser.list(
      [&] {
        const auto option = parser.upper_atom();
        if (option == "MIN")
          out.min = true;
        else if (option == "MAX")
          out.max = true;
        else if (option == "ALL")
          out.all = true;
        else if (option == "COUNT")
          out.count = true;
        else if (option == "SAVE")
          out.save = true;
        else
          parser.fail("a SEARCH return option");
      },
      true);
  if (out == SearchReturn{}) out.all = true;
  parser.sp();
  return out;
}

void print_search_return(Printer& printer, const std::optional<SearchReturn>& returns) {
  if (!returns) return;
  printer.raw(" RETURN (");
  bool first = true;
  for (const auto& [on, name] :
       {std::pair{returns->min, "MIN"}, std::pair{returns->max, "MAX"}, std::pair{returns->all, "ALL"},
        std::pair{returns->count, "COUNT"}, std::pair{returns->save, "SAVE"}}) {
    if (!on) continue;
    printer.raw(first ? "" : " ").raw(name);
    first = false;
  }
  printer.raw(")");
}

// RFC 9051 section 6.4.4, RFC 4731, RFC 5182:
// search = "SEARCH" [SP "RETURN" SP "(" [option *(SP option)] ")"] [SP "CHARSET" SP charset] 1*(SP search-key)
// option = "MIN" / "MAX" / "ALL" / "COUNT" / "SAVE"
SearchCommand SearchCommand::parse(Parser& parser) {
  SearchCommand out;
  out.by_uid = parser.by_uid;
  parser.sp();
  out.returns = parse_search_return(parser);
  if (parser.accept_word("CHARSET ")) {
    parser.skip_spaces();
    out.charset = parser.astring();
    if (out.charset.empty()) parser.fail("a charset");
    parser.sp();
  }
  out.key = parse_search_keys(parser);
  parser.end();
  return out;
}

void SearchCommand::print(Printer& printer) const {
  if (by_uid) printer.raw("UID ");
  printer.raw(kName);
  print_search_return(printer, returns);
  if (!charset.empty()) printer.raw(" CHARSET ").astring(charset);
  printer.sp();
  print_search_keys(printer, key);
}

}  // namespace imap
