// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// IDLE (RFC 2177); the DONE that ends it is not a command and is read by the session.
#pragma once

#include <string_view>

#include "proto/command_state.h"

namespace imap {

class Parser;
class Printer;

struct IdleCommand {
  static constexpr std::string_view kName = "IDLE";
  static constexpr States kStates = kAuthenticated;

  static IdleCommand parse(Parser& parser);
  void print(Printer& printer) const;
  bool operator==(const IdleCommand&) const = default;
};

}  // namespace imap
