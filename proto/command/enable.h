// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// ENABLE (RFC 5161).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "proto/command_state.h"

namespace imap {

class Parser;
class Printer;

struct EnableCommand {
  static constexpr std::string_view kName = "ENABLE";
  static constexpr States kStates = kAuthenticated;

  std::vector<std::string> capabilities;  // upper case

  static EnableCommand parse(Parser& parser);
  void print(Printer& printer) const;
  bool operator==(const EnableCommand&) const = default;
};

}  // namespace imap
