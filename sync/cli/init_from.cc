// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// postern init --from mbsync [FILE]: their configuration as ours, and each of its lines that was not taken over.
#include <sysexits.h>

#include <cstdio>
#include <functional>
#include <iostream>

#include "proto/base/files.h"
#include "proto/base/printable.h"
#include "proto/flags.h"
#include "sync/cli/init.h"
#include "sync/config/config_reader.h"
#include "sync/switch/translation.h"

namespace mirror {

namespace {

namespace fs = std::filesystem;

struct Tool {
  const char* name;
  std::vector<std::string> files;  // below the home directory (.config: as XDG has it); the first that is there
  Translation (*translate)(std::string_view text, const fs::path& home);
};

const Tool kTools[] = {
    {"interimap", {".config/interimap/config"}, translate_interimap},
    {"mbsync", {".mbsyncrc", ".config/isyncrc"}, translate_mbsync},
    {"offlineimap", {".offlineimaprc", ".config/offlineimap/config"}, translate_offlineimap},
};

fs::path below(const fs::path& home, const std::string& name) {
  constexpr std::string_view kConfig = ".config/";
  const char* xdg = std::getenv("XDG_CONFIG_HOME");
  if (name.starts_with(kConfig) && xdg != nullptr && *xdg == '/') return fs::path(xdg) / name.substr(kConfig.size());
  return home / name;
}

fs::path file_of(const Tool& tool, const CommandLine& line, const fs::path& home) {
  if (!line.words.arguments.empty()) return line.words.arguments.front();
  std::error_code error;
  for (const auto& name : tool.files)
    if (const auto file = below(home, name); fs::exists(file, error)) return file;
  return below(home, tool.files.front());
}

}  // namespace

base::Result<std::vector<Config>> accounts_of(const std::string& text, const fs::path& file) {
  std::vector<Config> out;
  for (const auto& name : account_names(text)) {
    ConfigReader reader(file, name);
    reader.read(text);
    auto config = reader.result();
    if (!config) return std::unexpected(config.error());
    out.push_back(std::move(*config));
  }
  return out;
}

fs::path tool_config_file(const std::string& tool) {
  for (const auto& one : kTools)
    if (imap::equal_ignoring_case(one.name, tool)) {
      const auto home = default_store().parent_path();
      std::error_code error;
      for (const auto& name : one.files)
        if (const auto file = below(home, name); fs::exists(file, error)) return file;
    }
  return {};
}

int init_from(const CommandLine& line, const fs::path& file) {
  const Tool* tool = nullptr;
  for (const auto& one : kTools)
    if (line.init.from == one.name) tool = &one;
  if (tool == nullptr)
    return complain(
        {base::Reason::Usage, "--from knows interimap, mbsync, offlineimap and dovecot, not " + line.init.from});
  const auto home = default_store().parent_path();
  const auto theirs = file_of(*tool, line, home);
  const auto text = read_config_text(theirs);
  if (!text) return complain(text.error());
  const auto translation = tool->translate(*text, home);
  for (const auto& one : translation.left_out)
    std::fprintf(stderr, "postern: %s, %s\n", theirs.c_str(), base::printable(one).c_str());
  if (!translation.fault.empty())
    return complain({base::Reason::Configuration, theirs.string() + ": " + translation.fault});
  const auto ours = text_of(
      translation, "# Written by postern init from " + theirs.string() + ". man postern-config has all options.\n");
  const auto accounts = accounts_of(ours, file);
  if (!accounts) return complain(accounts.error());
  write_config(file, ours);
  int code = 0;
  for (const auto& one : *accounts) code = std::max(code, try_account(one));
  std::cout << "Now: postern plan shows what a first pass would do, postern sync does it. Stop " << tool->name
            << " before\n";
  return code;
}

}  // namespace mirror
