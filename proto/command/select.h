// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// SELECT and EXAMINE (RFC 9051 section 6.3.2 and 6.3.3, RFC 7162).
#pragma once

#include <optional>
#include <string_view>
#include <utility>

#include "proto/command_state.h"
#include "proto/mailbox_name.h"
#include "proto/numbers.h"
#include "proto/sequence_set.h"

namespace imap {

class Parser;
class Printer;

struct SelectCommand {
  static constexpr std::string_view kName = "SELECT";
  static constexpr States kStates = kAuthenticated;

  struct Qresync {  // RFC 7162 section 3.2.5
    UidValidity uid_validity;
    ModSeq modseq;
    std::optional<UidSet> known_uids;
    std::optional<std::pair<SeqSet, UidSet>> known_pairs;
    bool operator==(const Qresync&) const = default;
  };
  bool read_only = false;  // EXAMINE
  MailboxName mailbox;
  bool condstore = false;
  std::optional<Qresync> qresync;

  static SelectCommand parse(Parser& parser);
  void print(Printer& printer) const;
  bool operator==(const SelectCommand&) const = default;
};

}  // namespace imap
