// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// LOGIN (RFC 9051 section 6.2.3).
#pragma once

#include <string>
#include <string_view>

#include "proto/base/log.h"
#include "proto/command_state.h"

namespace imap {

class Parser;
class Printer;

struct LoginCommand {
  static constexpr std::string_view kName = "LOGIN";
  static constexpr States kStates = kNotAuthenticated;

  std::string user;
  base::Secret password;

  static LoginCommand parse(Parser& parser);
  void print(Printer& printer) const;
  bool operator==(const LoginCommand& other) const {
    return user == other.user && password.reveal() == other.password.reveal();
  }
};

}  // namespace imap
