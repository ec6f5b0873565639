// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Listening: what an account's conversations with its servers are, and what the log says, goes to a command's output
// while this lives. Who reads it slowly misses lines, and is told how many.
#pragma once

#include <asio/any_io_executor.hpp>
#include <asio/awaitable.hpp>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "sync/client/tracing.h"
#include "sync/command/command.h"

namespace mirror {

class Listening {
 public:
  // The output outlives it; beside: to its standard error.
  Listening(asio::any_io_executor executor, CommandOutput& output, bool beside);
  ~Listening();
  Listening(const Listening&) = delete;
  Listening& operator=(const Listening&) = delete;

  void to_wire(Tracing& tracing);
  void to_log();  // but for the lines of mail clients' sessions

 private:
  struct State;
  std::shared_ptr<State> state_;
  std::shared_ptr<void> wire_;
};

// postern trace [--seconds N]: until it is heard no more, the time is over or this process ends. The exit code.
asio::awaitable<int> trace_command(Tracing& tracing, std::vector<std::string> words, CommandOutput& output,
                                   std::function<bool()> is_ending);

// Takes --verbose and --debug out of the words, and listens as they say.
void listen_as_asked(Listening& listening, Tracing& tracing, std::vector<std::string>& words);

}  // namespace mirror
