// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// EXPUNGE and UID EXPUNGE (RFC 9051 section 6.4.3 and 6.4.9).
#pragma once

#include <optional>
#include <string_view>

#include "proto/command_state.h"
#include "proto/sequence_set.h"

namespace imap {

class Parser;
class Printer;

struct ExpungeCommand {
  static constexpr std::string_view kName = "EXPUNGE";
  static constexpr States kStates = kSelected;

  std::optional<SequenceSet> uids;  // UID EXPUNGE (RFC 4315)

  static ExpungeCommand parse(Parser& parser);
  void print(Printer& printer) const;
  bool operator==(const ExpungeCommand&) const = default;
};

}  // namespace imap
