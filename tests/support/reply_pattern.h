// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// The words of a server's reply, and whether they are those that a transcript expects.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace tests {

struct Word {
  enum class Kind : std::uint8_t { Atom, Text, Nil, List };
  Kind kind = Kind::Atom;
  std::string text;  // Atom, Text: a quoted string's or a literal's octets
  std::vector<Word> list;
};
using Words = std::vector<Word>;

// Of one line with its literals, without the CRLF at its end. Throws std::runtime_error where it is not IMAP.
Words split_words(std::string_view line);
std::string to_string(const Words& words);

using Variables = std::map<std::string, std::string>;

// "$name" and "${name}" replaced by their values, "$$" by "$". Throws where a variable has none.
std::string expand(std::string_view text, const Variables& variables);

// Case-insensitive. A variable that has no value yet takes the reply's, and keeps it when all of the pattern matches;
// "$" takes anything, a list too, and "$]" what there is up to a bracket. Lists of FETCH, FLAGS, LIST, LSUB and STATUS
// match in any order, as a server may choose; "$!ordered", "$!unordered[=n]", "$!extra", "$!noextra", "$!ignore=word"
// and "$!ban=word" at the head of a list say otherwise. With `prefix` the reply may go on behind the pattern.
bool matches(const Words& pattern, const Words& reply, Variables& variables, bool prefix);

}  // namespace tests
