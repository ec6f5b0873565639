// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// STATUS (RFC 9051 section 6.3.11).
#pragma once

#include <string_view>

#include "proto/command_state.h"
#include "proto/mailbox_name.h"
#include "proto/status_items.h"

namespace imap {

class Parser;
class Printer;

struct StatusCommand {
  static constexpr std::string_view kName = "STATUS";
  static constexpr States kStates = kAuthenticated;

  MailboxName mailbox;
  StatusItems items;

  static StatusCommand parse(Parser& parser);
  void print(Printer& printer) const;
  bool operator==(const StatusCommand&) const = default;
};

}  // namespace imap
