// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "sync/config/option_values.h"

#include <algorithm>

#include "proto/flags.h"
#include "sync/config/config.h"

namespace mirror {

std::vector<std::string> words_of(const std::string& text) {
  std::vector<std::string> out;
  std::size_t at = 0;
  while ((at = text.find_first_not_of(" \t", at)) != std::string::npos) {
    const auto end = std::min(text.find_first_of(" \t", at), text.size());
    out.push_back(text.substr(at, end - at));
    at = end;
  }
  return out;
}

base::Result<bool> yes_or_no(const std::string& value) {
  for (const auto* yes : {"YES", "TRUE", "ON", "1"})
    if (imap::equal_ignoring_case(value, yes)) return true;
  for (const auto* no : {"NO", "FALSE", "OFF", "0"})
    if (imap::equal_ignoring_case(value, no)) return false;
  return wrong("wants YES or NO, not " + value);
}

Done set_yes_or_no(bool& into, const std::string& value) {
  const auto said = yes_or_no(value);
  if (!said) return std::unexpected(said.error());
  into = *said;
  return {};
}

std::string with_home(const std::string& file) {
  return file.starts_with("~/") ? (default_store().parent_path() / file.substr(2)).string() : file;
}

bool is_number(const std::string& text, std::size_t digits) {
  return !text.empty() && text.size() <= digits && text.find_first_not_of("0123456789") == std::string::npos;
}

Done set_seconds(std::chrono::seconds& seconds, const std::string& name, const std::string& value) {
  if (!is_number(value, 6) || std::stoul(value) == 0) return wrong(name + " is a number of seconds, not " + value);
  seconds = std::chrono::seconds(std::stoul(value));
  return {};
}

}  // namespace mirror
