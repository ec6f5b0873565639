// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// AUTHENTICATE (RFC 9051 section 6.2.2, RFC 4959).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "proto/command_state.h"

namespace imap {

class Parser;
class Printer;

struct AuthenticateCommand {
  static constexpr std::string_view kName = "AUTHENTICATE";
  static constexpr States kStates = kNotAuthenticated;

  std::string mechanism;               // upper case
  std::optional<std::string> initial;  // SASL-IR, decoded from base64; "=" is the empty string

  static AuthenticateCommand parse(Parser& parser);
  void print(Printer& printer) const;
  bool operator==(const AuthenticateCommand&) const = default;
};

}  // namespace imap
