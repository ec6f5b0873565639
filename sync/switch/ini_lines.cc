// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "sync/switch/ini_lines.h"

#include <algorithm>

#include "proto/base/lines.h"

namespace mirror {

namespace {

std::string trimmed(std::string_view text) {
  constexpr const char* kBlanks = " \t\r";
  const auto first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return std::string(text.substr(first, text.find_last_not_of(kBlanks) - first + 1));
}

}  // namespace

const IniLine* IniSection::find(std::string_view option) const {
  const auto at = std::ranges::find(lines, option, &IniLine::name);
  return at == lines.end() ? nullptr : &*at;
}

std::string IniSection::value(std::string_view option, std::string_view otherwise) const {
  const auto* line = find(option);
  return line == nullptr ? std::string(otherwise) : line->value;
}

std::vector<IniSection> ini_sections_of(std::string_view text) {
  std::vector<IniSection> out{{}};
  std::size_t current = 0, number = 0;
  while (const auto line = base::take_line(text)) {
    ++number;
    const auto said = trimmed(*line);
    if (said.empty() || said.front() == '#' || said.front() == ';') continue;
    auto& lines = out[current].lines;
    if ((line->front() == ' ' || line->front() == '\t') && !lines.empty()) {
      lines.back().value += ' ' + said;
    } else if (said.front() == '[' && said.back() == ']') {
      const auto name = trimmed(std::string_view(said).substr(1, said.size() - 2));
      const auto at = std::ranges::find(out, name, &IniSection::name);
      current = static_cast<std::size_t>(at - out.begin());
      if (at == out.end()) out.push_back({name, {}});
    } else {
      const auto end = std::min(said.find_first_of("=:"), said.size());
      lines.push_back({number, trimmed(std::string_view(said).substr(0, end)),
                       end < said.size() ? trimmed(std::string_view(said).substr(end + 1)) : ""});
    }
  }
  return out;
}

const IniSection* find_section(const std::vector<IniSection>& all, std::string_view name) {
  const auto at = std::ranges::find(all, name, &IniSection::name);
  return at == all.end() ? nullptr : &*at;
}

}  // namespace mirror
