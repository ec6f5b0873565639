// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// How a message is called when a person is told about it: by its subject, sender and date.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace mirror {

// Of a header block, or of its fields Subject, From and Date: decoded, in one line each, and else as its sender wrote
// them, control characters and all.
struct MessageWords {
  std::string subject, from;
  std::int64_t date = 0;  // Unix time; 0: none is known
};
MessageWords message_words(std::string_view header, std::int64_t date);

// Of a header block, or of its fields Subject, From and Date. `date`: where it has no date of its own; 0: none is
// known. One line, fit for a terminal.
std::string message_name(std::string_view header, std::int64_t date);

}  // namespace mirror
