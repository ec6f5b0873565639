// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include <asio/co_spawn.hpp>
#include <asio/io_context.hpp>
#include <asio/signal_set.hpp>

#include <cstdio>

#include "proto/base/printable.h"
#include "sync/cli/commands.h"

namespace mirror {

base::Result<Config> configuration(const CommandLine& line) {
  base::set_log_level(line.verbose ? base::LogLevel::Debug : base::LogLevel::Error);
  const auto file = find_config(line.config);
  if (!file)
    return base::refuse(base::Reason::Configuration,
                        "there is no configuration; postern init writes one, --config FILE names one");
  auto config = read_config(*file);
  if (config && !config->logfile.empty()) {
    base::set_log_file(config->logfile);
    base::set_log_level(line.verbose ? base::LogLevel::Debug : base::LogLevel::Info);
  }
  return config;
}

int complain(const base::Refusal& refusal) {
  std::fprintf(stderr, "postern: %s\n", base::printable(refusal.text).c_str());
  return exit_code_of(refusal.reason);
}

void run_to_end(asio::awaitable<void> work, transport::WorkerPool& workers) {
  asio::io_context io{1};
  asio::signal_set signals(io, SIGINT, SIGTERM);
  std::exception_ptr fault;
  bool stopped = false;
  signals.async_wait([&](asio::error_code error, int) {
    if (error) return;
    stopped = true;
    io.stop();
  });
  asio::co_spawn(io, std::move(work), [&](std::exception_ptr error) {
    fault = error;
    signals.cancel();
    io.stop();
  });
  io.run();
  workers.join();  // work under way refers to coroutines that the loop still holds
  if (fault) std::rethrow_exception(fault);
  if (stopped) throw Failure(base::Reason::Failed, "interrupted; the next pass goes on from here");
}

}  // namespace mirror
