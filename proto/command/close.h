// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// CLOSE (RFC 9051 section 6.4.1).
#pragma once

#include <string_view>

#include "proto/command_state.h"

namespace imap {

class Parser;
class Printer;

struct CloseCommand {
  static constexpr std::string_view kName = "CLOSE";
  static constexpr States kStates = kSelected;

  static CloseCommand parse(Parser& parser);
  void print(Printer& printer) const;
  bool operator==(const CloseCommand&) const = default;
};

}  // namespace imap
