// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Text of strangers (subjects, names, what a server says) for a terminal: nothing in it moves the cursor, changes
// colours or turns the direction of what follows.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace base {

// The first character of a text that is not empty.
struct Character {
  std::size_t octets = 1;
  bool harmless = false;  // neither white space but the blank, nor what is told below
};
Character first_character(std::string_view text);

// One line of UTF-8: white space becomes a space; other control characters, characters that turn the direction, and
// what is no UTF-8 become U+FFFD.
std::string printable(std::string_view text);
// At most so many characters; what is cut off becomes "…".
std::string shortened(std::string_view utf8, std::size_t most);

}  // namespace base
