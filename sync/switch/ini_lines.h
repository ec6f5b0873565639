// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// The lines of OfflineIMAP's and InterIMAP's configurations: [sections], `name = value` or `name: value`. A line that
// begins with a blank goes on with the value before.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace mirror {

struct IniLine {
  std::size_t number = 0;
  std::string name, value;
};

struct IniSection {
  std::string name;  // "" before the first
  std::vector<IniLine> lines;
  const IniLine* find(std::string_view option) const;
  std::string value(std::string_view option, std::string_view otherwise = "") const;
};

// Sections of the same name are one.
std::vector<IniSection> ini_sections_of(std::string_view text);
const IniSection* find_section(const std::vector<IniSection>& all, std::string_view name);

}  // namespace mirror
