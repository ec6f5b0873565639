// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// ID (RFC 2971).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "proto/command_state.h"

namespace imap {

class Parser;
class Printer;

struct IdCommand {
  static constexpr std::string_view kName = "ID";
  static constexpr States kStates = kAnyState;

  std::vector<std::pair<std::string, std::optional<std::string>>> fields;  // empty: NIL

  static IdCommand parse(Parser& parser);
  void print(Printer& printer) const;
  bool operator==(const IdCommand&) const = default;
};

}  // namespace imap
