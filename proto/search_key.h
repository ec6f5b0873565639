// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// SearchKey: SEARCH's criteria as a tree (RFC 9051 section 6.4.4, RFC 3501, RFC 7162 MODSEQ).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "proto/date_time.h"
#include "proto/flags.h"
#include "proto/sequence_set.h"

namespace imap {

struct SearchKey {
  enum class Kind : std::uint8_t {
    All,
    And,
    Or,
    Not,       // children
    Messages,  // messages (numbers, or UID ...)
    HasFlag,   // system flag: ANSWERED, SEEN, ... (UNSEEN is Not HasFlag)
    Keyword,   // text
    Recent,    // RECENT (OLD is Not Recent; NEW is And Recent, Not Seen)
    Before,
    On,
    Since,
    SentBefore,
    SentOn,
    SentSince,  // date
    Larger,
    Smaller,  // number, octets
    Header,   // field and text (text empty: the field is there)
    Bcc,
    Cc,
    From,
    Subject,
    To,  // text
    Body,
    Text,    // text
    ModSeq,  // number: at least this mod-sequence
    Uids,    // resolved by a server before the store searches
  };
  Kind kind = Kind::All;
  std::vector<SearchKey> children;
  MessageSet messages;
  UidSet uids;
  Flag flag = Flag::Seen;
  std::string field;
  std::string text;  // as written; in the command's charset until the server converts it to UTF-8
  Date date;
  std::uint64_t number = 0;
  bool operator==(const SearchKey&) const = default;
};

}  // namespace imap
