// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// postern repair MAILBOX...: forgets the agreed state of these mailboxes, so that the next pass pairs their messages
// anew. No message is touched.
#include <sysexits.h>

#include <algorithm>
#include <cstdio>

#include "sync/cli/commands.h"

namespace mirror {

int repair_command(const CommandLine& line) {
  if (line.arguments.empty()) {
    std::fprintf(stderr, "postern: repair wants the names of mailboxes\n");
    return EX_USAGE;
  }
  const auto config = configuration(line);
  if (!config) return complain(config.error());
  auto opened = open_account(*config);
  if (!opened) return complain(opened.error());
  auto& journal = opened->account->journal();
  const auto records = journal.mailboxes();
  int code = 0;
  for (const auto& name : line.arguments) {
    const auto at = std::ranges::find_if(records, [&](const auto& record) { return record.path.shown() == name; });
    if (at == records.end()) {
      std::fprintf(stderr, "postern: nothing is known of a mailbox %s\n", name.c_str());
      code = 1;
      continue;
    }
    journal.forget_mailbox(at->number);
    std::printf("%s: forgotten; the next postern sync pairs its messages anew\n", name.c_str());
  }
  return code;
}

}  // namespace mirror
