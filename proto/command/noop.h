// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// NOOP (RFC 9051 section 6.1.2).
#pragma once

#include <string_view>

#include "proto/command_state.h"

namespace imap {

class Parser;
class Printer;

struct NoopCommand {
  static constexpr std::string_view kName = "NOOP";
  static constexpr States kStates = kAnyState;

  static NoopCommand parse(Parser& parser);
  void print(Printer& printer) const;
  bool operator==(const NoopCommand&) const = default;
};

}  // namespace imap
