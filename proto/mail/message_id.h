// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Message-ID of a header block; enough to tell messages apart.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "proto/literal.h"

namespace mail {

// The header block of a message in wire form, with the last field's CRLF; of a huge one its first MiB.
std::string header_of(const imap::Literal& text);

std::string message_id_of(std::string_view header);  // without white space; empty: there is none

// The msg-ids of a Message-ID, In-Reply-To or References field, one after the other: without angle brackets, white
// space and needless quotes, so that different spellings of one are equal. What is none is passed over.
class MessageIds {
 public:
  explicit MessageIds(std::string_view value) : rest_(value) {}
  std::optional<std::string> next();

 private:
  bool take_plain(std::string& out);
  bool take_spelled(std::string& out);
  std::string_view rest_;
  std::size_t broken_ = 0;
};

}  // namespace mail
