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
bool is_known_charset(std::string_view charset);

// For caseless substring matches: i;unicode-casemap (RFC 5051), that is title case, then decomposed.
std::string fold_case(std::string_view utf8);
void append_folded(std::string& out, std::string_view utf8);  // what is no UTF-8 becomes U+FFFD, several one

std::string decode_words(std::string_view value);  // RFC 2047, to UTF-8; 8-bit octets that are no UTF-8 become U+FFFD
// The same piece by piece. Dovecot reads no charset with a language behind it (RFC 2231 section 5): what must be
// compared as it does takes `raw` of those pieces that it does not read, without folding it.
struct WordsPiece {
  std::string_view text;
  std::string_view raw;  // the octets before their charset was read
  bool is_read = true;   // by Dovecot
};
void decode_words(std::string_view value, const std::function<void(const WordsPiece&)>& give);

// Content-Transfer-Encoding. Base64 is read up to what is none; of quoted-printable what is none stays as it is.
// nullopt: an encoding that nobody knows.
std::optional<std::string> decode_transfer(std::string_view encoding, std::string_view octets);
std::string decode_base64_text(std::string_view text);
std::string decode_quoted_printable(std::string_view text);

}  // namespace mail
