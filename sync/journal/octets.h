// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// How the journal's values are made of octets: big-endian numbers, flags as system bits and keywords with spaces.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "proto/base/big_endian.h"
#include "proto/flags.h"

namespace mirror {

template <class T>
void put(std::string& out, T value) {
  base::put_big_endian(out, value);
}

// Takes values from the front; a short text gives zeros, and ok says so.
struct Take {
  std::string_view text;
  bool ok = true;

  template <class T>
  T number() {
    if (text.size() < sizeof(T)) {
      ok = false;
      return {};
    }
    const auto value = base::get_big_endian<T>(text);
    text.remove_prefix(sizeof(T));
    return value;
  }
  std::string octets(std::size_t n) {
    if (text.size() < n) {
      ok = false;
      return {};
    }
    std::string out(text.substr(0, n));
    text.remove_prefix(n);
    return out;
  }
};

inline void put_keywords(std::string& out, const imap::FlagSet& flags) {
  bool first = true;
  for (const auto& keyword : flags.keywords()) {
    if (!first) out += ' ';
    first = false;
    out += keyword;
  }
}

inline imap::FlagSet take_flags(std::uint8_t bits, std::string_view keywords) {
  imap::FlagSet out;
  out.set_system_bits(bits);
  while (!keywords.empty()) {
    const auto space = std::min(keywords.find(' '), keywords.size());
    if (space > 0) out.add(keywords.substr(0, space));
    keywords.remove_prefix(std::min(space + 1, keywords.size()));
  }
  return out;
}

}  // namespace mirror
