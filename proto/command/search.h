// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// SEARCH and UID SEARCH (RFC 9051 section 6.4.4, RFC 4731).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "proto/command_state.h"
#include "proto/search/search_key.h"

namespace imap {

class Parser;
class Printer;

struct SearchReturn {
  bool min = false, max = false, all = false, count = false, save = false;
  bool operator==(const SearchReturn&) const = default;
};
// ["RETURN" SP "(" ... ")" SP], which SORT has as well; printed with the space before it
std::optional<SearchReturn> parse_search_return(Parser& parser);
void print_search_return(Printer& printer, const std::optional<SearchReturn>& returns);

struct SearchCommand {
  static constexpr std::string_view kName = "SEARCH";
  static constexpr States kStates = kSelected;

  using Return = SearchReturn;
  bool by_uid = false;            // UID SEARCH: the answer speaks in UIDs
  std::optional<Return> returns;  // ESEARCH (RFC 4731); "RETURN ()" means all
  std::string charset;            // as written, empty: not given (US-ASCII)
  SearchKey key;

  static SearchCommand parse(Parser& parser);
  void print(Printer& printer) const;
  bool operator==(const SearchCommand&) const = default;
};

}  // namespace imap
