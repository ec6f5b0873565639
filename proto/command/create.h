// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// CREATE (RFC 9051 section 6.3.4, RFC 6154).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "proto/command_state.h"
#include "proto/mailbox_name.h"

namespace imap {

class Parser;
class Printer;

struct CreateCommand {
  static constexpr std::string_view kName = "CREATE";
  static constexpr States kStates = kAuthenticated;

  MailboxName mailbox;
  std::vector<std::string> special_use;  // "\Sent", ... (RFC 6154 USE)

  static CreateCommand parse(Parser& parser);
  void print(Printer& printer) const;
  bool operator==(const CreateCommand&) const = default;
};

}  // namespace imap
