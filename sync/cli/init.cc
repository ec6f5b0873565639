// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// postern init: asks, and writes a configuration of a few lines.
#include <sysexits.h>

#include <cstdio>
#include <iostream>

#include "proto/base/files.h"
#include "sync/cli/commands.h"

namespace mirror {

namespace {

std::string ask(const std::string& question, const std::string& otherwise) {
  std::cout << question << (otherwise.empty() ? "" : " [" + otherwise + "]") << ": " << std::flush;
  std::string answer;
  if (!std::getline(std::cin, answer)) return otherwise;
  return answer.empty() ? otherwise : answer;
}

std::filesystem::path default_file() {
  const char* value = std::getenv("XDG_CONFIG_HOME");
  if (value != nullptr && *value == '/') return std::filesystem::path(value) / "postern" / "config";
  return default_store().parent_path() / ".config" / "postern" / "config";
}

}  // namespace

int init_command(const CommandLine& line) {
  const auto file = line.config.empty() ? default_file() : std::filesystem::absolute(line.config);
  if (std::filesystem::exists(file)) {
    std::fprintf(stderr, "postern: %s is there already; it is not overwritten\n", file.c_str());
    return EX_CANTCREAT;
  }
  const auto path = ask("Where is, or will be, the local mail", default_store().string());
  const auto host = ask("The IMAP server", "");
  const auto user = ask("The user name there", "");
  const auto password = ask("A command that prints the password (pass show mail, secret-tool lookup ...)", "");
  if (host.empty() || user.empty()) {
    std::fprintf(stderr, "postern: without a server and a user name there is nothing to write\n");
    return EX_USAGE;
  }
  std::string text = "[local]\npath = " + path + "\n[remote]\nhost = " + host + "\nusername = " + user + "\n";
  text += password.empty() ? "# password-command = a command that prints the password\n"
                           : "password-command = " + password + "\n";
  const auto good = parse_config(text, file);
  if (!good) return complain(good.error());
  base::make_directories(file.parent_path());
  base::replace_file(file, text);
  std::cout << "Written: " << file.string() << "\nNow: postern doctor, then postern sync\n";
  return 0;
}

}  // namespace mirror
