// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// SORT and UID SORT (RFC 5256 section 3, RFC 5267 section 3, RFC 5957).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "proto/command/search.h"
#include "proto/command_state.h"
#include "proto/search/search_key.h"
#include "proto/search/sort_order.h"

namespace imap {

class Parser;
class Printer;

struct SortCommand {
  static constexpr std::string_view kName = "SORT";
  static constexpr States kStates = kSelected;

  bool by_uid = false;                  // UID SORT: the answer speaks in UIDs
  std::optional<SearchReturn> returns;  // ESORT (RFC 5267)
  SortProgram program;
  std::string charset;
  SearchKey key;

  static SortCommand parse(Parser& parser);
  void print(Printer& printer) const;
  bool operator==(const SortCommand&) const = default;
};

}  // namespace imap
