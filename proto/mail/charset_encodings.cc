// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Transfer encodings (RFC 2045 section 6) and encoded words (RFC 2047), of mail that may be broken.
#include <mimetic/codec/codec.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <iterator>

#include "proto/base/hex.h"
#include "proto/flags.h"
#include "proto/mail/charset.h"

namespace mail {

namespace {

// The octet that "=XX" at `at` stands for; -1: it is none.
int hex_octet(std::string_view text, std::size_t at) {
  if (at + 2 >= text.size()) return -1;
  const int high = base::hex_digit(text[at + 1]), low = base::hex_digit(text[at + 2]);
  return high < 0 || low < 0 ? -1 : high * 16 + low;
}

enum class Base64 : std::uint8_t { End, Digit, Space };
constexpr auto kInBase64 = [] {
  std::array<Base64, 256> out{};
  for (const char c : std::string_view("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"))
    out[static_cast<unsigned char>(c)] = Base64::Digit;
  for (const char c : std::string_view(" \t\r\n")) out[static_cast<unsigned char>(c)] = Base64::Space;
  return out;
}();

bool is_space(char c) { return kInBase64[static_cast<unsigned char>(c)] == Base64::Space; }

// RFC 2047's "Q": without line ends, with '_' for a space.
std::string decode_q(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const int octet = text[i] == '=' ? hex_octet(text, i) : -1;
    if (octet >= 0) {
      out += static_cast<char>(octet);
      i += 2;
    } else {
      out += text[i] == '_' ? ' ' : text[i];
    }
  }
  return out;
}

// An encoded word behind its "=?"; size 0: it is none.
struct EncodedWord {
  std::size_t size = 0;
  std::string_view charset;
  std::string octets;
};

EncodedWord read_encoded_word(std::string_view rest) {
  const auto charset_end = rest.find('?');
  if (charset_end == std::string_view::npos) return {};
  const auto encoding_end = rest.find('?', charset_end + 1);
  if (encoding_end == std::string_view::npos) return {};
  const auto end = rest.find('?', encoding_end + 1);
  if (end == std::string_view::npos || end + 1 >= rest.size() || rest[end + 1] != '=') return {};
  const auto encoded = rest.substr(encoding_end + 1, end - encoding_end - 1);
  const auto charset = rest.substr(0, charset_end);
  switch (rest[charset_end + 1]) {
    case 'B':
    case 'b': return {end + 2, charset, decode_base64_text(encoded)};
    case 'Q':
    case 'q': return {end + 2, charset, decode_q(encoded)};
    default: return {};
  }
}

// Gives text without encoded words as it is, and encoded words. White space before one is text only behind other text.
template <typename GivePlain, typename GiveWord>
void for_each_piece(std::string_view value, GivePlain give_plain, GiveWord give_word) {
  std::size_t plain_from = 0;
  for (std::size_t at = 0; (at = value.find("=?", at)) != std::string_view::npos;) {
    const auto plain = value.substr(plain_from, at - plain_from);
    if (!std::ranges::all_of(plain, is_space)) give_plain(plain);
    const auto word = read_encoded_word(value.substr(at + 2));
    plain_from = word.size > 0 ? at + 2 + word.size : at;
    at += 2 + word.size;
    if (!word.octets.empty()) give_word(word);
  }
  if (plain_from < value.size()) give_plain(value.substr(plain_from));
}

std::string as_utf8(std::string_view octets) { return to_utf8("utf-8", octets).value_or(""); }

}  // namespace

// mimetic passes over what is no digit and reads on behind padding: it is given what comes before.
std::string decode_base64_text(std::string_view text) {
  std::size_t end = 0, digits = 0, last = 0;
  for (; end < text.size(); ++end) {
    const auto kind = kInBase64[static_cast<unsigned char>(text[end])];
    if (kind == Base64::End) break;
    if (kind == Base64::Space) continue;
    ++digits;
    last = end;
  }
  text = text.substr(0, digits % 4 == 1 ? last : end);  // a digit alone is no octet
  std::string out;
  out.reserve(digits / 4 * 3 + 3);
  mimetic::Base64::Decoder decoder;
  mimetic::decode(text.begin(), text.end(), decoder, std::back_inserter(out));
  return out;
}

std::string decode_quoted_printable(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const auto end = text.find('\n', at);
    auto line = text.substr(at, end - at);
    at = end == std::string_view::npos ? text.size() : end + 1;
    if (end != std::string_view::npos && line.ends_with('\r')) line.remove_suffix(1);
    while (line.ends_with(' ') || line.ends_with('\t')) line.remove_suffix(1);
    const bool last = end == std::string_view::npos;
    if (last && line.size() > 1 && line[line.size() - 2] == '=' && base::hex_digit(line.back()) >= 0)
      line.remove_suffix(1);
    const bool soft = line.ends_with('=');
    if (soft) line.remove_suffix(1);
    for (std::size_t i = 0; i < line.size(); ++i) {
      const int octet = line[i] == '=' ? hex_octet(line, i) : -1;
      out += octet < 0 ? line[i] : static_cast<char>(octet);
      if (octet >= 0) i += 2;
    }
    if (!soft && !last) out += "\r\n";
  }
  return out;
}

std::optional<std::string> decode_transfer(std::string_view encoding, std::string_view octets) {
  const auto is = [&](std::string_view name) { return imap::equal_ignoring_case(encoding, name); };
  if (is("7bit") || is("8bit") || is("binary")) return std::string(octets);
  if (is("base64")) return decode_base64_text(octets);
  if (is("quoted-printable")) return decode_quoted_printable(octets);
  return std::nullopt;
}

std::string decode_words(std::string_view value) {
  std::string out;
  for_each_piece(
      value, [&](std::string_view plain) { out += as_utf8(plain); },
      [&](const EncodedWord& word) {
        auto text = to_utf8(word.charset, word.octets);
        // A language may follow (RFC 2231 section 5).
        if (!text) text = to_utf8(word.charset.substr(0, word.charset.find('*')), word.octets);
        out += text.value_or(word.octets);
      });
  return out;
}

void decode_sorted_words(std::string_view value, const std::function<void(const SortedPiece&)>& give) {
  constexpr std::string_view kReplacement = "\xEF\xBF\xBD";
  bool after_replacement = false;
  const auto give_piece = [&](std::string_view utf8, bool is_read, bool by_iconv) {
    // Octets that are no UTF-8 become one U+FFFD with those before them, those of another charset do not.
    if (after_replacement && !by_iconv && utf8.starts_with(kReplacement)) utf8.remove_prefix(kReplacement.size());
    if (!utf8.empty()) after_replacement = utf8.ends_with(kReplacement);
    give({utf8, is_read});
  };
  for_each_piece(
      value, [&](std::string_view plain) { give_piece(as_utf8(plain), true, false); },
      [&](const EncodedWord& word) {
        // No name is the charset of the C locale.
        const auto charset = word.charset.empty() ? "ANSI_X3.4-1968" : word.charset;
        const auto text = to_utf8_by_name(charset, word.octets);
        give_piece(text ? *text : as_utf8(word.octets), text.has_value(), text && !is_utf8(charset));
      });
}

}  // namespace mail
