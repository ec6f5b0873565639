// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// UNSUBSCRIBE (RFC 9051 section 6.3.8).
#pragma once

#include <string_view>

#include "proto/command_state.h"
#include "proto/mailbox_name.h"

namespace imap {

class Parser;
class Printer;

struct UnsubscribeCommand {
  static constexpr std::string_view kName = "UNSUBSCRIBE";
  static constexpr States kStates = kAuthenticated;

  MailboxName mailbox;

  static UnsubscribeCommand parse(Parser& parser);
  void print(Printer& printer) const;
  bool operator==(const UnsubscribeCommand&) const = default;
};

}  // namespace imap
