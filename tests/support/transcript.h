// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Transcript: a script of imaptest's format (https://imapwiki.org/ImapTest/ScriptedTest), read from a file.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/reply_pattern.h"

namespace tests {

// Commands that are sent together, and all that may come before the last of them is answered.
struct TranscriptStep {
  struct Command {
    int line = 0;
    std::string tag;              // "tag1"; empty where there is one command
    std::string text;             // variables unexpanded; may hold literals
    std::optional<Words> answer;  // "OK", "NO [TRYCREATE]" ...; a lone "" is any
  };
  struct Untagged {
    char existence = '*';  // '*' must come, '!' must not, '?' may
    Words words;
  };
  std::size_t connection = 0;
  std::vector<Command> commands;
  std::vector<Untagged> untagged;
};

struct Transcript {
  enum class State : std::uint8_t { NonAuth, Auth, Created, Appended, Selected };
  State state = State::Selected;
  std::vector<std::string> capabilities;
  std::size_t connections = 1;
  std::optional<std::size_t> messages = 0;  // to append; nullopt: all of the mbox file
  bool ignore_extra_untagged = true;
  std::vector<TranscriptStep> steps;
};

// Throws std::runtime_error with the line's number. One thing is ours: what stands behind "#|" is a line of the script
// that imaptest passes over; in it "\r", "\n", "\0" and "\\" are octets, and "\{100 x}" is a hundred times "x".
Transcript read_transcript(const std::filesystem::path& path);

// The messages of an mbox file, with CRLF; the date is that of the "From " line, as APPEND wants it.
struct MboxMessage {
  std::string date, text;
};
std::vector<MboxMessage> read_mbox(const std::filesystem::path& path);

}  // namespace tests
