// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// MOVE and UID MOVE (RFC 6851).
#pragma once

#include <string_view>

#include "proto/command_state.h"
#include "proto/mailbox_name.h"
#include "proto/sequence_set.h"

namespace imap {

class Parser;
class Printer;

struct MoveCommand {
  static constexpr std::string_view kName = "MOVE";
  static constexpr States kStates = kSelected;

  MessageSet messages;
  MailboxName mailbox;

  static MoveCommand parse(Parser& parser);
  void print(Printer& printer) const;
  bool operator==(const MoveCommand&) const = default;
};

}  // namespace imap
