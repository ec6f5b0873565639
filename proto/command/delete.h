// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// DELETE (RFC 9051 section 6.3.5).
#pragma once

#include <string_view>

#include "proto/command_state.h"
#include "proto/mailbox_name.h"

namespace imap {

class Parser;
class Printer;

struct DeleteCommand {
  static constexpr std::string_view kName = "DELETE";
  static constexpr States kStates = kAuthenticated;

  MailboxName mailbox;

  static DeleteCommand parse(Parser& parser);
  void print(Printer& printer) const;
  bool operator==(const DeleteCommand&) const = default;
};

}  // namespace imap
