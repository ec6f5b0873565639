// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Lines of text that are kept on disk: fields with tabs between them. `while (auto field = base::take_field(line)) …`
#pragma once

#include <charconv>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

namespace base {

// A field's text as it stands in a line: tabs, line ends and backslashes would end it, or begin an escape.
std::string escaped(std::string_view text);
std::string unescaped(std::string_view field);

// Takes the next field from the front, still escaped; nullopt: there is none any more. An empty last one is one.
std::optional<std::string_view> take_field(std::string_view& line);

// Takes the next field, which must be a number from its first octet to its last.
template <class T>
bool take_number(std::string_view& line, T& into) {
  const auto field = take_field(line);
  if (!field || field->empty()) return false;
  const auto [end, error] = std::from_chars(field->data(), field->data() + field->size(), into);
  return error == std::errc() && end == field->data() + field->size();
}

}  // namespace base
