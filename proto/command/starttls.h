// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// STARTTLS (RFC 9051 section 6.2.1).
#pragma once

#include <string_view>

#include "proto/command_state.h"

namespace imap {

class Parser;
class Printer;

struct StarttlsCommand {
  static constexpr std::string_view kName = "STARTTLS";
  static constexpr States kStates = kNotAuthenticated;

  static StarttlsCommand parse(Parser& parser);
  void print(Printer& printer) const;
  bool operator==(const StarttlsCommand&) const = default;
};

}  // namespace imap
