// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Charsets, transfer encodings and caseless comparison, for SEARCH.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "proto/base/result.h"

namespace mail {

// Refuses with BadCharset a charset that nobody knows. Octets that are not valid in it become U+FFFD, several one.
base::Result<std::string> to_utf8(std::string_view charset, std::string_view octets);
// The same as Dovecot has it, for what must be sorted as it sorts: iconv knows the charset by the very name, what
// breaks off at the end is left out. nullopt: iconv does not know it.
std::optional<std::string> to_utf8_by_name(std::string_view charset, std::string_view octets);
bool is_known_charset(std::string_view charset);
bool is_utf8(std::string_view charset);  // or ASCII, or no charset

// For caseless substring matches: i;unicode-casemap (RFC 5051), that is title case, then decomposed.
std::string fold_case(std::string_view utf8);
void append_folded(std::string& out, std::string_view utf8);  // what is no UTF-8 becomes U+FFFD, several one

std::string decode_words(std::string_view value);  // RFC 2047, to UTF-8; 8-bit octets that are no UTF-8 become U+FFFD
// The same piece by piece, for what must be sorted as Dovecot sorts. It takes the octets of a charset that it does not
// know as they are: they are given as UTF-8 that is not to be folded.
struct SortedPiece {
  std::string_view utf8;
  bool is_read = true;
};
void decode_sorted_words(std::string_view value, const std::function<void(const SortedPiece&)>& give);

// Content-Transfer-Encoding. Base64 is read up to what is none; of quoted-printable what is none stays as it is.
// nullopt: an encoding that nobody knows.
std::optional<std::string> decode_transfer(std::string_view encoding, std::string_view octets);
std::string decode_base64_text(std::string_view text);
std::string decode_quoted_printable(std::string_view text);

}  // namespace mail
