// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// FETCH (RFC 9051 section 7.5.2).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "proto/date_time.h"
#include "proto/fetch_item.h"
#include "proto/flags.h"
#include "proto/literal.h"
#include "proto/message_data.h"
#include "proto/numbers.h"
#include "proto/section.h"

namespace imap {

class Parser;
class Printer;

struct FetchResponse {
  // One BODY[...]<origin>, or RFC822, RFC822.HEADER, RFC822.TEXT, BINARY's kin. No literal: NIL.
  struct Text {
    FetchItem::Kind kind = FetchItem::Kind::BodySection;
    Section section;
    std::optional<std::uint64_t> origin;
    std::optional<Literal> octets;
    bool operator==(const Text&) const = default;
  };
  SeqNum number;
  std::optional<Uid> uid;
  std::optional<FlagSet> flags;
  bool recent = false;  // \Recent among the flags
  std::optional<DateTime> internal_date;
  std::optional<std::uint64_t> size;
  std::optional<ModSeq> modseq;
  std::shared_ptr<const Envelope> envelope;   // compared by value
  std::shared_ptr<const BodyStructure> body;  // BODY or BODYSTRUCTURE; compared by text
  bool body_extended = false;                 // BODYSTRUCTURE
  std::vector<Text> texts;
  std::vector<std::pair<std::string, std::string>>
      others;  // items that nobody knows, with their text as it came; not printed

  static FetchResponse parse(Parser& parser);  // behind "* " and the name
  void print(Printer& printer) const;          // with "* " and CRLF
  bool operator==(const FetchResponse&) const;
};

// The pieces, for a server that answers many messages without building a FetchResponse of each. Items are separated by
// spaces.
void print_fetch_begin(Printer& printer, SeqNum number);
void print_fetch_end(Printer& printer);
void print_fetch_uid(Printer& printer, Uid uid);
void print_fetch_modseq(Printer& printer, ModSeq modseq);
// "BODY[...]<origin>", "RFC822", ...: the octets follow behind a space.
void print_fetch_text_name(Printer& printer, FetchItem::Kind kind, const Section& section,
                           std::optional<std::uint64_t> origin);

}  // namespace imap
