// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// postern verify: compares both sides message by message: that each has its twin, with the same text, flags and date.
#include "sync/account/verify.h"

#include "sync/command/command.h"

namespace mirror {

asio::awaitable<int> verify_command(Account& account, CommandOutput& output) {
  const auto result = co_await verify(account);
  for (const auto& difference : result.differences) output.say(difference);
  output.say(std::to_string(result.messages) + " messages compared in " + std::to_string(result.mailboxes) +
             " mailboxes, " + std::to_string(result.differences.size()) + " differences");
  co_return result.differences.empty() ? 0 : 1;
}

}  // namespace mirror
