// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "proto/base/printable.h"

#include <algorithm>
#include <cstdint>

namespace base {

namespace {

constexpr std::string_view kReplacement = "\xef\xbf\xbd";

struct Code {
  std::size_t octets;  // 0: no UTF-8
  std::uint32_t code;
};

// RFC 3629: no surrogates, nothing longer than it must be.
Code first_of(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text.front());
  if (lead < 0x80) return {1, lead};
  const std::size_t octets = lead >= 0xF5 ? 0 : lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC2 ? 2 : 0;
  if (octets == 0 || text.size() < octets) return {0, 0};
  std::uint32_t code = lead & (0x7Fu >> octets);
  for (std::size_t i = 1; i < octets; ++i) {
    const auto next = static_cast<unsigned char>(text[i]);
    if ((next & 0xC0) != 0x80) return {0, 0};
    code = code << 6 | (next & 0x3Fu);
  }
  const bool overlong = (octets == 3 && code < 0x800) || (octets == 4 && code < 0x10000);
  if (overlong || code > 0x10FFFF || (code >= 0xD800 && code < 0xE000)) return {0, 0};
  return {octets, code};
}

bool is_white(std::uint32_t code) {
  return (code >= 9 && code <= 13) || code == 0x85 || code == 0x2028 || code == 0x2029;
}

bool is_dangerous(std::uint32_t code) {
  return code < 0x20 || (code >= 0x7F && code < 0xA0) || code == 0x061C || code == 0x200E || code == 0x200F ||
         (code >= 0x202A && code <= 0x202E) || (code >= 0x2066 && code <= 0x2069) || code == 0xFEFF;
}

}  // namespace

Character first_character(std::string_view text) {
  const auto [octets, code] = first_of(text);
  return {std::max<std::size_t>(octets, 1), octets > 0 && !is_white(code) && !is_dangerous(code)};
}

std::string printable(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const auto [octets, code] = first_of(text);
    if (octets > 0 && is_white(code))
      out += ' ';
    else if (octets == 0 || is_dangerous(code))
      out += kReplacement;
    else
      out += text.substr(0, octets);
    text.remove_prefix(octets == 0 ? 1 : octets);
  }
  return out;
}

std::string shortened(std::string_view utf8, std::size_t most) {
  std::size_t at = 0;
  for (std::size_t n = 0; at < utf8.size() && n < most; ++n)
    at += std::max<std::size_t>(first_of(utf8.substr(at)).octets, 1);
  return at < utf8.size() ? std::string(utf8.substr(0, at)) + "…" : std::string(utf8);
}

}  // namespace base
