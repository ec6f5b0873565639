// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// postern status: what the last pass did, and what it left.
#include <cstdio>
#include <ctime>

#include "sync/cli/commands.h"

namespace mirror {

int status_command(const CommandLine& line) {
  const auto config = configuration(line);
  if (!config) return complain(config.error());
  auto opened = open_account(*config);
  if (!opened) return complain(opened.error());
  auto& journal = opened->account->journal();
  const auto note = journal.note("last");
  const auto records = journal.mailboxes();
  if (note.empty()) {
    std::printf("%s: no pass yet\n", config->database.c_str());
    return 0;
  }
  const auto line_end = note.find('\n');
  const std::time_t when = std::strtoll(note.c_str(), nullptr, 10);
  char time[64] = "";
  if (const auto* local = std::localtime(&when)) std::strftime(time, sizeof time, "%Y-%m-%d %H:%M:%S", local);
  std::printf("%s: last pass that did something: %s\n", config->database.c_str(), time);
  std::printf("%s", line_end == std::string::npos ? "" : note.c_str() + line_end + 1);
  std::uint64_t messages = 0;
  for (const auto& record : records) messages += record.local.messages;
  std::printf("%zu mailboxes, %llu messages\n", records.size(), static_cast<unsigned long long>(messages));
  return 0;
}

}  // namespace mirror
