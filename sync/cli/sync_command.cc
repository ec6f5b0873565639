// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// postern sync: one pass. On a terminal it shows how far it is; else it says one line at the end.
#include <unistd.h>

#include <chrono>
#include <cstdio>

#include "sync/cli/commands.h"

namespace mirror {

namespace {

class Display {
 public:
  void show(const Progress& progress) {
    const auto now = std::chrono::steady_clock::now();
    if (now - last_ < std::chrono::milliseconds(100)) return;
    last_ = now;
    const auto& counts = progress.counts;
    std::fprintf(stderr, "\r\033[K%llu of %llu messages, %.1f MB, %llu flag changes",
                 static_cast<unsigned long long>(counts.copied_to_local + counts.copied_to_remote),
                 static_cast<unsigned long long>(progress.to_copy), static_cast<double>(counts.octets) / 1e6,
                 static_cast<unsigned long long>(counts.flagged_local + counts.flagged_remote));
    shown_ = true;
  }
  void end() const {
    if (shown_) std::fputs("\r\033[K", stderr);
  }

 private:
  std::chrono::steady_clock::time_point last_ = std::chrono::steady_clock::now();
  bool shown_ = false;
};

}  // namespace

int sync_command(const CommandLine& line) {
  const auto config = configuration(line);
  if (!config) return complain(config.error());
  auto opened = open_account(*config);
  if (!opened) return complain(opened.error());
  auto& account = *opened->account;
  Display display;
  std::function<void(const Progress&)> changed;
  if (!line.quiet && ::isatty(STDERR_FILENO)) changed = [&](const Progress& progress) { display.show(progress); };
  PassResult result;
  const auto work = [&]() -> asio::awaitable<void> { result = co_await account.run_pass(changed); };
  try {
    run_to_end(work(), account.workers());
  } catch (const Failure& failure) {
    display.end();
    return complain({failure.reason, failure.what()});
  }
  display.end();
  for (const auto& problem : result.problems) std::fprintf(stderr, "postern: %s\n", problem.c_str());
  if (result.end)
    std::fprintf(stderr, "postern: %s\n", result.summary().c_str());
  else if (!line.quiet)
    std::printf("%s\n", result.summary().c_str());
  return result.exit_code();
}

}  // namespace mirror
