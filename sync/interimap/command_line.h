// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// InterIMAP's command line (interimap(1)), as values.
#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace mirror {

enum class InterImapTarget : std::uint8_t { Local, Remote, Database };

struct InterImapLine {
  enum class Command : std::uint8_t { Synchronise, Repair, Delete, Rename };
  Command command = Command::Synchronise;
  std::string config;                  // as given; empty: "config"
  std::vector<std::string> mailboxes;  // modified UTF-7, with the local side's delimiter
  std::set<InterImapTarget> targets{InterImapTarget::Local, InterImapTarget::Remote, InterImapTarget::Database};
  std::optional<std::chrono::seconds> watch;  // between two passes; nullopt: once
  bool notify = false;
  bool quiet = false;
  int debug = 0;  // how often it was given
  bool operator==(const InterImapLine&) const = default;
};

// What is to be printed instead of doing anything, and the exit code.
struct InterImapAnswer {
  int code = 0;
  std::string out, err;  // whole lines
};

// words: without the program's name. As InterIMAP's, options end at the first word that is none.
std::expected<InterImapLine, InterImapAnswer> parse_interimap_line(const std::vector<std::string>& words);

// A relative name lies in $XDG_CONFIG_HOME/interimap.
std::filesystem::path interimap_config_file(const std::string& given);

}  // namespace mirror
