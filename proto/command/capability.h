// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// CAPABILITY (RFC 9051 section 6.1.1).
#pragma once

#include <string_view>

#include "proto/command_state.h"

namespace imap {

class Parser;
class Printer;

struct CapabilityCommand {
  static constexpr std::string_view kName = "CAPABILITY";
  static constexpr States kStates = kAnyState;

  static CapabilityCommand parse(Parser& parser);
  void print(Printer& printer) const;
  bool operator==(const CapabilityCommand&) const = default;
};

}  // namespace imap
