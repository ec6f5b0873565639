// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include <sysexits.h>
#include <unistd.h>

#include <asio/co_spawn.hpp>
#include <asio/io_context.hpp>
#include <asio/signal_set.hpp>

#include <cstdio>

#include "sync/cli/commands.h"
#include "sync/cli/output.h"

namespace mirror {

int complain(const base::Refusal& refusal) {
  std::fprintf(stderr, "postern: %s\n", shown_on(STDERR_FILENO, refusal.text).c_str());
  return refusal.reason == base::Reason::Usage ? EX_USAGE : exit_code_of(refusal.reason);
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
