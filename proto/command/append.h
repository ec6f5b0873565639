// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// APPEND and MULTIAPPEND (RFC 9051 section 6.3.12, RFC 3502).
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "proto/command_state.h"
#include "proto/date_time.h"
#include "proto/flags.h"
#include "proto/literal.h"
#include "proto/mailbox_name.h"

namespace imap {

class Parser;
class Printer;

struct AppendCommand {
  static constexpr std::string_view kName = "APPEND";
  static constexpr States kStates = kAuthenticated;

  struct Message {
    FlagSet flags;
    std::optional<DateTime> internal_date;
    Literal data;
    bool operator==(const Message&) const = default;
  };
  MailboxName mailbox;
  std::vector<Message> messages;  // one, or more with MULTIAPPEND

  static AppendCommand parse(Parser& parser);
  void print(Printer& printer) const;
  bool operator==(const AppendCommand&) const = default;
};

}  // namespace imap
