// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// NAMESPACE (RFC 2342).
#pragma once

#include <string_view>

#include "proto/command_state.h"

namespace imap {

class Parser;
class Printer;

struct NamespaceCommand {
  static constexpr std::string_view kName = "NAMESPACE";
  static constexpr States kStates = kAuthenticated;

  static NamespaceCommand parse(Parser& parser);
  void print(Printer& printer) const;
  bool operator==(const NamespaceCommand&) const = default;
};

}  // namespace imap
