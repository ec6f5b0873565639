// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// postern repair MAILBOX...: forgets the agreed state of these mailboxes, so that the next pass pairs their messages
// anew. No message is touched.
#include <sysexits.h>

#include <algorithm>

#include "sync/command/command.h"

namespace mirror {

asio::awaitable<int> repair_command(Account& account, const std::vector<std::string>& mailboxes,
                                    CommandOutput& output) {
  if (mailboxes.empty()) {
    output.complain("repair wants the names of mailboxes");
    co_return EX_USAGE;
  }
  auto& journal = account.journal();
  const auto records = co_await account.workers().run([&] { return journal.mailboxes(); });
  int code = 0;
  for (const auto& name : mailboxes) {
    const auto at = std::ranges::find_if(records, [&](const auto& record) { return record.path.shown() == name; });
    if (at == records.end()) {
      output.complain("nothing is known of a mailbox " + name);
      code = 1;
      continue;
    }
    co_await account.workers().run([&] { journal.forget_pairs(*at); });
    output.say(name + ": forgotten; the next postern sync pairs its messages anew");
  }
  co_return code;
}

}  // namespace mirror
