// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// The lines of mbsync's configuration: sections that begin with IMAPAccount, IMAPStore, MaildirStore, Channel or Group
// and end with an empty line.
#pragma once

#include <cstddef>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace mirror::mbsync {

struct Line {
  std::size_t number = 0;
  std::string name;                  // as it stands there
  std::vector<std::string> words;    // its arguments
  bool is(const char* other) const;  // without regard to case
  std::string first() const { return words.empty() ? "" : words.front(); }
  std::string shown() const;
};

struct Section {
  Line head;  // IMAPAccount NAME
  std::vector<Line> lines;
  const Line* find(std::initializer_list<const char*> names) const;
  std::string value(std::initializer_list<const char*> names) const;  // its first word; "": there is none
};

// The first is what is about all, without a head.
std::vector<Section> sections_of(std::string_view text);

}  // namespace mirror::mbsync
