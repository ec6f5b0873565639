// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// LIST (RFC 9051 section 6.3.9, RFC 5258, RFC 5819, RFC 6154).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "proto/command_state.h"
#include "proto/status_items.h"

namespace imap {

class Parser;
class Printer;

struct ListSelect {
  bool subscribed = false, remote = false, recursive_match = false, special_use = false;
  bool operator==(const ListSelect&) const = default;
};
struct ListReturn {
  bool subscribed = false, children = false, special_use = false;
  std::optional<StatusItems> status;
  bool operator==(const ListReturn&) const = default;
};

struct ListCommand {
  static constexpr std::string_view kName = "LIST";
  static constexpr States kStates = kAuthenticated;

  using Select = ListSelect;
  using Return = ListReturn;
  Select select;                      // LIST-EXTENDED selection options
  std::string reference;              // decoded to UTF-8
  std::vector<std::string> patterns;  // decoded to UTF-8; one, or more with LIST-EXTENDED
  std::optional<Return> returns;      // absent: no RETURN was given
  bool extended = false;              // any LIST-EXTENDED syntax was used

  static ListCommand parse(Parser& parser);
  void print(Printer& printer) const;
  bool operator==(const ListCommand&) const = default;
};

}  // namespace imap
