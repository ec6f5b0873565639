// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// RENAME (RFC 9051 section 6.3.6).
#pragma once

#include <string_view>

#include "proto/command_state.h"
#include "proto/mailbox_name.h"

namespace imap {

class Parser;
class Printer;

struct RenameCommand {
  static constexpr std::string_view kName = "RENAME";
  static constexpr States kStates = kAuthenticated;

  MailboxName from;
  MailboxName to;

  static RenameCommand parse(Parser& parser);
  void print(Printer& printer) const;
  bool operator==(const RenameCommand&) const = default;
};

}  // namespace imap
