// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// What FETCH asks for (RFC 9051 section 6.4.5, RFC 3501, RFC 7162).
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "proto/section.h"

namespace imap {

struct FetchItem {
  enum class Kind : std::uint8_t {
    Uid,
    Flags,
    InternalDate,
    Rfc822Size,
    ModSeq,
    Envelope,
    Body,
    BodyStructure,
    Rfc822,
    Rfc822Header,
    Rfc822Text,   // RFC 3501's, answered under their own names
    BodySection,  // BODY[...] and BODY.PEEK[...]
    // For clients alone; answered in FetchResponse::others.
    EmailId,         // RFC 8474
    GmailMessageId,  // X-GM-MSGID
  };
  Kind kind = Kind::Uid;
  bool peek = false;               // BodySection only
  Section section;                 // BodySection only
  std::optional<Partial> partial;  // BodySection only
  bool operator==(const FetchItem&) const = default;

  bool sets_seen() const {
    return (kind == Kind::BodySection && !peek) || kind == Kind::Rfc822 || kind == Kind::Rfc822Text;
  }
};

using FetchItems = std::vector<FetchItem>;  // macros (ALL, FAST, FULL) are expanded by the parser

}  // namespace imap
