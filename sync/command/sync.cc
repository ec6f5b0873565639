// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// postern sync: one pass; what could not be done, and one line at the end.
#include <chrono>
#include <cinttypes>
#include <cstdio>

#include "sync/command/command.h"

namespace mirror {

namespace {

constexpr auto kShowEvery = std::chrono::milliseconds(100);

std::string shown(const Progress& progress) {
  const auto& counts = progress.counts;
  char text[160];
  std::snprintf(text, sizeof text, "%" PRIu64 " of %" PRIu64 " messages, %.1f MB, %" PRIu64 " flag changes",
                counts.copied_to_local + counts.copied_to_remote, progress.to_copy,
                static_cast<double>(counts.octets) / 1e6, counts.flagged_local + counts.flagged_remote);
  return text;
}

}  // namespace

asio::awaitable<int> sync_command(Account& account, CommandOutput& output) {
  auto last = std::chrono::steady_clock::now();
  account.try_all_held(true);
  if (const auto exposed = exposed_password(account.config()); !exposed.empty()) output.complain(exposed);
  const auto result = co_await account.run_pass([&](const Progress& progress) {
    const auto now = std::chrono::steady_clock::now();
    if (now - last < kShowEvery) return;
    last = now;
    output.show_progress(shown(progress));
  });
  for (const auto& problem : result.problems) output.complain(problem);
  if (result.end)
    output.complain(result.summary());
  else
    output.say(result.summary());
  co_return result.exit_code();
}

}  // namespace mirror
