// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include <sysexits.h>
#include <unistd.h>

#include <asio/co_spawn.hpp>
#include <asio/io_context.hpp>
#include <asio/signal_set.hpp>

#include <cstdio>
#include <optional>

#include <nlohmann/json.hpp>

#include "sync/cli/commands.h"
#include "sync/cli/output.h"

namespace mirror {

using Json = nlohmann::ordered_json;

namespace {

std::optional<std::string> json_command;  // whose errors are objects

// In an array where the command gives one object for each account.
void say_as_json(const std::string& text) {
  Json out{{"account", ""}, {"good", false}, {"error", text}};
  if (gives_objects(*json_command) || *json_command == "doctor") out = Json::array({out});
  std::printf("%s\n", out.dump(2, ' ', false, Json::error_handler_t::replace).c_str());
}

}  // namespace

void say_errors_as_json(const std::string& command) { json_command = command; }

int complain(const base::Refusal& refusal) {
  if (json_command) say_as_json(refusal.text);
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
