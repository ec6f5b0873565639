// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// RemovalNote: what is to be known of a removed message besides its text; a line of text. DO NOT CHANGE its form: it is
// on users' disks.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace store {

struct RemovalNote {
  std::int64_t when = 0;  // Unix seconds
  std::string by;
  std::int64_t internal_date = 0;
  std::uint8_t system_flags = 0;
  std::vector<std::string> keywords;
  bool operator==(const RemovalNote&) const = default;
};

// Fields with tabs between them: when, by, internal date, system flags, keywords (spaces between).
std::string encode(const RemovalNote& note);
std::optional<RemovalNote> decode_removal_note(std::string_view text);

// In the list of a day: file, whether it is in wire form (1) or has LF line ends (0), mailbox, and the note.
struct RemovalLine {
  std::string file;
  bool raw = false;
  std::string mailbox;  // UTF-8
  RemovalNote note;
  bool operator==(const RemovalLine&) const = default;
};
std::string encode(const RemovalLine& line);  // with its line end
std::optional<RemovalLine> decode_removal_line(std::string_view text);

}  // namespace store
