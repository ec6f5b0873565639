// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Base64 (RFC 4648 section 4), as SASL uses it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace imap {

std::string encode_base64(std::string_view octets);
std::optional<std::string> decode_base64(std::string_view text);  // nullopt: not base64; padding is required

}  // namespace imap
