// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// LOGOUT (RFC 9051 section 6.1.3).
#pragma once

#include <string_view>

#include "proto/command_state.h"

namespace imap {

class Parser;
class Printer;

struct LogoutCommand {
  static constexpr std::string_view kName = "LOGOUT";
  static constexpr States kStates = kAnyState;

  static LogoutCommand parse(Parser& parser);
  void print(Printer& printer) const;
  bool operator==(const LogoutCommand&) const = default;
};

}  // namespace imap
