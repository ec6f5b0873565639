// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// COPY and UID COPY (RFC 9051 section 6.4.7).
#pragma once

#include <string_view>

#include "proto/command_state.h"
#include "proto/mailbox_name.h"
#include "proto/sequence_set.h"

namespace imap {

class Parser;
class Printer;

struct CopyCommand {
  static constexpr std::string_view kName = "COPY";
  static constexpr States kStates = kSelected;

  MessageSet messages;
  MailboxName mailbox;

  static CopyCommand parse(Parser& parser);
  void print(Printer& printer) const;
  bool operator==(const CopyCommand&) const = default;
};

}  // namespace imap
