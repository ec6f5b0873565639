// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// FETCH and UID FETCH (RFC 9051 section 6.4.5, RFC 7162 section 3.1.4 and 3.2.6).
#pragma once

#include <optional>
#include <string_view>

#include "proto/command_state.h"
#include "proto/fetch_item.h"
#include "proto/numbers.h"
#include "proto/sequence_set.h"

namespace imap {

class Parser;
class Printer;

struct FetchCommand {
  static constexpr std::string_view kName = "FETCH";
  static constexpr States kStates = kSelected;

  MessageSet messages;
  FetchItems items;
  std::optional<ModSeq> changed_since;  // RFC 7162
  bool vanished = false;                // RFC 7162, UID FETCH with CHANGEDSINCE only

  static FetchCommand parse(Parser& parser);
  void print(Printer& printer) const;
  bool operator==(const FetchCommand&) const = default;
};

}  // namespace imap
