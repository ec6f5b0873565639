// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// LSUB (RFC 3501 section 6.3.9).
#pragma once

#include <string>
#include <string_view>

#include "proto/command_state.h"

namespace imap {

class Parser;
class Printer;

struct LsubCommand {
  static constexpr std::string_view kName = "LSUB";
  static constexpr States kStates = kAuthenticated;

  std::string reference;  // decoded to UTF-8
  std::string pattern;    // decoded to UTF-8

  static LsubCommand parse(Parser& parser);
  void print(Printer& printer) const;
  bool operator==(const LsubCommand&) const = default;
};

}  // namespace imap
