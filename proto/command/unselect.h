// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// UNSELECT (RFC 3691).
#pragma once

#include <string_view>

#include "proto/command_state.h"

namespace imap {

class Parser;
class Printer;

struct UnselectCommand {
  static constexpr std::string_view kName = "UNSELECT";
  static constexpr States kStates = kSelected;

  static UnselectCommand parse(Parser& parser);
  void print(Printer& printer) const;
  bool operator==(const UnselectCommand&) const = default;
};

}  // namespace imap
