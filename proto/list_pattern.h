// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// A LIST pattern with '*' and '%', matched in linear or quadratic time, never exponential.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace imap {

class ListPattern {
 public:
  ListPattern(std::string_view utf8_pattern, char delimiter);
  bool matches(std::string_view utf8_name) const;
  bool matches_parent_of(std::string_view utf8_name) const;  // a proper ancestor of the name matches

 private:
  std::string pattern_;
  char delimiter_;
  std::size_t least_ = 0;  // octets that a name has at the least
};

}  // namespace imap
