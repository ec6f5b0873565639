// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// What of a message's text is meant: BODY[section]<partial> (RFC 9051 section 6.4.5).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace imap {

struct Section {
  enum class Text : std::uint8_t { All, Header, HeaderFields, HeaderFieldsNot, Text, Mime };
  std::vector<std::uint32_t> part;  // 1.2.3; empty: the message itself
  Text text = Text::All;
  std::vector<std::string> fields;  // of HeaderFields and HeaderFieldsNot, as written
  bool operator==(const Section&) const = default;
};

struct Partial {
  std::uint64_t offset = 0;
  std::uint64_t length = 0;  // RFC 9051 section 9 wants 1 at least; of some clients 0 comes
  bool operator==(const Partial&) const = default;
};

}  // namespace imap
