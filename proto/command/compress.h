// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// COMPRESS (RFC 4978).
#pragma once

#include <string>
#include <string_view>

#include "proto/command_state.h"

namespace imap {

class Parser;
class Printer;

struct CompressCommand {
  static constexpr std::string_view kName = "COMPRESS";
  static constexpr States kStates = kAuthenticated;

  std::string mechanism;  // upper case; DEFLATE

  static CompressCommand parse(Parser& parser);
  void print(Printer& printer) const;
  bool operator==(const CompressCommand&) const = default;
};

}  // namespace imap
