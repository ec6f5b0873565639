// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// The lines of a small text file that is in memory: `while (const auto line = base::take_line(rest)) …`
#pragma once

#include <algorithm>
#include <optional>
#include <string_view>

namespace base {

// Takes the next line from the front, without its line feed; nullopt at the end. The last one needs no line feed.
inline std::optional<std::string_view> take_line(std::string_view& text) {
  if (text.empty()) return std::nullopt;
  const auto end = std::min(text.find('\n'), text.size());
  const auto line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return line;
}

}  // namespace base
