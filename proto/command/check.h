// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// CHECK (RFC 3501 section 6.4.1).
#pragma once

#include <string_view>

#include "proto/command_state.h"

namespace imap {

class Parser;
class Printer;

struct CheckCommand {
  static constexpr std::string_view kName = "CHECK";
  static constexpr States kStates = kSelected;

  static CheckCommand parse(Parser& parser);
  void print(Printer& printer) const;
  bool operator==(const CheckCommand&) const = default;
};

}  // namespace imap
