// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "sync/switch/mbsync_lines.h"

#include <algorithm>
#include <utility>

#include "proto/base/lines.h"
#include "proto/flags.h"

namespace mirror::mbsync {

bool Line::is(const char* other) const { return imap::equal_ignoring_case(name, other); }

std::string Line::shown() const {
  std::string out = name;
  for (const auto& word : words) out += ' ' + word;
  return out;
}

const Line* Section::find(std::initializer_list<const char*> names) const {
  const auto at = std::ranges::find_if(
      lines, [&](const Line& line) { return std::ranges::any_of(names, [&](auto name) { return line.is(name); }); });
  return at == lines.end() ? nullptr : &*at;
}

std::string Section::value(std::initializer_list<const char*> names) const {
  const auto* line = find(names);
  return line == nullptr ? "" : line->first();
}

namespace {

// Words are separated by blanks; in quotes they may hold some; a backslash takes the next character as it is.
std::vector<std::string> words_in(std::string_view text) {
  std::vector<std::string> out;
  bool in_word = false, quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (!quoted && (c == ' ' || c == '\t' || c == '\r')) {
      in_word = false;
      continue;
    }
    if (!quoted && !in_word && c == '#') break;
    if (!in_word) out.emplace_back();
    in_word = true;
    if (c == '"')
      quoted = !quoted;
    else if (c == '\\' && i + 1 < text.size())
      out.back() += text[++i];
    else
      out.back() += c;
  }
  return out;
}

}  // namespace

std::vector<Section> sections_of(std::string_view text) {
  std::vector<Section> out{{}};  // the first: what is about all
  std::size_t number = 0;
  bool in_section = false;
  while (const auto line = base::take_line(text)) {
    ++number;
    auto words = words_in(*line);
    if (words.empty()) {
      const bool comment = line->find('#') != std::string_view::npos;
      in_section = in_section && comment;
      continue;
    }
    Line one{number, words.front(), {words.begin() + 1, words.end()}};
    const bool head =
        one.is("IMAPAccount") || one.is("IMAPStore") || one.is("MaildirStore") || one.is("Channel") || one.is("Group");
    // In a Group, Channel names its members.
    const bool member = in_section && out.back().head.is("Group") && one.is("Channel");
    if (head && !member) {
      out.push_back({std::move(one), {}});
      in_section = true;
    } else {
      (in_section ? out.back() : out.front()).lines.push_back(std::move(one));
    }
  }
  return out;
}

}  // namespace mirror::mbsync
