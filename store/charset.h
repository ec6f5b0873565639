// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Charsets, transfer encodings and caseless comparison, for SEARCH.
#pragma once

#include <string>
#include <string_view>

#include "proto/base/result.h"

namespace store {

// Refuses with BadCharset a charset that nobody knows. Octets that are not valid in it become U+FFFD.
base::Result<std::string> to_utf8(std::string_view charset, std::string_view octets);
bool is_known_charset(std::string_view charset);

std::string fold_case(std::string_view utf8);      // for caseless substring matches; diacritics are kept apart
std::string decode_words(std::string_view value);  // RFC 2047, to UTF-8; 8-bit octets that are no UTF-8 become U+FFFD
std::string decode_transfer(std::string_view encoding,
                            std::string_view octets);  // base64, quoted-printable, else as it is

}  // namespace store
