// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// STORE and UID STORE (RFC 9051 section 6.4.6, RFC 7162 section 3.1.3).
#pragma once

#include <optional>
#include <string_view>

#include "proto/command_state.h"
#include "proto/flags.h"
#include "proto/numbers.h"
#include "proto/sequence_set.h"

namespace imap {

class Parser;
class Printer;

struct StoreCommand {
  static constexpr std::string_view kName = "STORE";
  static constexpr States kStates = kSelected;

  MessageSet messages;
  FlagChange change = FlagChange::Replace;
  bool silent = false;
  FlagSet flags;
  std::optional<ModSeq> unchanged_since;  // RFC 7162

  static StoreCommand parse(Parser& parser);
  void print(Printer& printer) const;
  bool operator==(const StoreCommand&) const = default;
};

}  // namespace imap
