// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// postern verify: compares both sides message by message: that each has its twin, with the same flags and size.
#include <cstdio>

#include "sync/cli/commands.h"
#include "sync/verify.h"

namespace mirror {

int verify_command(const CommandLine& line) {
  const auto config = configuration(line);
  if (!config) return complain(config.error());
  auto opened = open_account(*config);
  if (!opened) return complain(opened.error());
  auto& account = *opened->account;
  VerifyResult result;
  const auto work = [&]() -> asio::awaitable<void> { result = co_await verify(account); };
  try {
    run_to_end(work(), account.workers());
  } catch (const Failure& failure) {
    return complain({failure.reason, failure.what()});
  }
  for (const auto& difference : result.differences) std::printf("%s\n", difference.c_str());
  std::printf("%llu messages compared in %zu mailboxes, %zu differences\n",
              static_cast<unsigned long long>(result.messages), result.mailboxes, result.differences.size());
  return result.differences.empty() ? 0 : 1;
}

}  // namespace mirror
