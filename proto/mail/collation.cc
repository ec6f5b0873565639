// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// utf8proc decomposes to the end. One step of it is found by composing again what came last before the end:
// 1. A character whose whole decomposition composes to another one stands for that one (U+2126 for U+03A9).
// 2. A canonical decomposition is a pair: its second is the last of the whole, and the others compose to its first.
// 3. Others (half width, circled, ligatures) are written out, with what composes in them composed.
// Beyond U+FFFF a character stays as it is where it would become several.
#include "proto/mail/collation.h"

#include <utf8proc.h>

#include <algorithm>
#include <array>
#include <span>

namespace mail {

namespace {

using Code = utf8proc_int32_t;
using Codes = std::array<Code, 32>;
constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

void append_character(std::string& out, Code character) {
  std::array<utf8proc_uint8_t, 4> octets{};
  const auto size = ::utf8proc_encode_char(character, octets.data());
  out.append(reinterpret_cast<const char*>(octets.data()), static_cast<std::size_t>(size));
}

bool is_hangul(Code c) { return c >= 0xAC00 && c <= 0xD7A3; }
bool is_jamo(Code c) { return c >= 0x1100 && c <= 0x11FF; }

// Letters in title case that Unicode's table calls their own title case are not decomposed.
bool is_own_title(Code c) { return c == 0x1C5 || c == 0x1C8 || c == 0x1CB || c == 0x1F2; }

std::size_t decompose(Code c, Codes& out, int options) {
  int last_class = 0;
  const auto n =
      ::utf8proc_decompose_char(c, out.data(), out.size(), static_cast<utf8proc_option_t>(options), &last_class);
  return n < 1 || n > static_cast<utf8proc_ssize_t>(out.size()) ? 0 : static_cast<std::size_t>(n);
}

std::size_t compose(std::span<Code> codes) {
  const auto n = ::utf8proc_normalize_utf32(codes.data(), static_cast<utf8proc_ssize_t>(codes.size()),
                                            static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPOSE));
  return n < 0 ? codes.size() : static_cast<std::size_t>(n);
}

// One step; the count, 0 where the character stays.
std::size_t one_step(Code c, Codes& out) {
  auto n = decompose(c, out, UTF8PROC_DECOMPOSE);
  if (is_hangul(c)) return n;
  if (n == 0 || (n == 1 && out[0] == c)) {
    n = decompose(c, out, UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT);
    if (n == 0 || (n == 1 && out[0] == c)) return 0;
    return std::any_of(out.begin(), out.begin() + static_cast<std::ptrdiff_t>(n), is_jamo)
               ? n
               : compose(std::span(out).first(n));
  }
  auto whole = out;
  if (compose(std::span(whole).first(n)) == 1 && whole[0] != c) {
    out[0] = whole[0];
    return 1;
  }
  const auto last = out[n - 1];
  const auto first = n > 1 ? compose(std::span(out).first(n - 1)) : 0;
  out[first] = last;
  return first + 1;
}

void append_folded(std::string& out, Code character) {
  const auto title = ::utf8proc_totitle(character);
  Codes codes{};
  const bool stays =
      is_own_title(title) || (!is_hangul(title) && ::utf8proc_get_property(title)->decomp_seqindex == UINT16_MAX);
  const auto n = stays ? 0 : one_step(title, codes);
  if (n == 0 || (n > 1 && title > 0xFFFF)) return append_character(out, title);
  for (std::size_t i = 0; i < n; ++i) append_character(out, codes[i]);
}

const std::string& folded_letter(Code character) {
  static const auto table = [] {
    std::array<std::string, 0x800> out;
    for (Code c = 0; c < 0x800; ++c) append_folded(out[static_cast<std::size_t>(c)], c);
    return out;
  }();
  return table[static_cast<std::size_t>(character)];
}

}  // namespace

void append_collation_key(std::string& out, std::string_view utf8) {
  const auto* at = reinterpret_cast<const utf8proc_uint8_t*>(utf8.data());
  for (auto left = static_cast<utf8proc_ssize_t>(utf8.size()); left > 0;) {
    if (*at < 0x80) {
      const auto c = static_cast<char>(*at);
      out += c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
      ++at;
      --left;
      continue;
    }
    Code character = 0;
    auto size = ::utf8proc_iterate(at, left, &character);
    if (size < 1) {
      if (!out.ends_with(kReplacement)) out += kReplacement;
      size = 1;
    } else if (character < 0x800) {
      out += folded_letter(character);
    } else {
      append_folded(out, character);
    }
    at += size;
    left -= size;
  }
}

std::string collation_key(std::string_view utf8) {
  std::string out;
  out.reserve(utf8.size());
  append_collation_key(out, utf8);
  return out;
}

}  // namespace mail
