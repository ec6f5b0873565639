// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// SUBSCRIBE (RFC 9051 section 6.3.7).
#pragma once

#include <string_view>

#include "proto/command_state.h"
#include "proto/mailbox_name.h"

namespace imap {

class Parser;
class Printer;

struct SubscribeCommand {
  static constexpr std::string_view kName = "SUBSCRIBE";
  static constexpr States kStates = kAuthenticated;

  MailboxName mailbox;

  static SubscribeCommand parse(Parser& parser);
  void print(Printer& printer) const;
  bool operator==(const SubscribeCommand&) const = default;
};

}  // namespace imap
