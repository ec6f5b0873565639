// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// CharsetConverter: the texts of SEARCH, from the command's charset to UTF-8.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace server {

class CharsetConverter {
 public:
  // "" is US-ASCII, in which UTF-8 is let through; nullopt: nobody knows this charset.
  static std::optional<CharsetConverter> open(std::string_view charset);
  std::optional<std::string> to_utf8(std::string_view text) const;  // nullopt: not in this charset

 private:
  explicit CharsetConverter(std::string charset) : charset_(std::move(charset)) {}
  std::string charset_;  // empty: nothing to convert
};

}  // namespace server
