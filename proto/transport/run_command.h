// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Runs a shell command to its end: it is given a text, and what it says is kept as far as that is of use. It may hang,
// fail, read nothing or say too much: its caller goes on after `patience` at the latest, and nobody else waits.
#pragma once

#include <asio/awaitable.hpp>

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace transport {

struct CommandRun {
  std::string command;                     // for /bin/sh -c
  std::string input{};                     // on its standard input, which ends behind it
  std::vector<std::string> environment{};  // NAME=VALUE, which take the place of this process's own
  std::chrono::milliseconds patience{0};   // then it is ended, with all that it has started
  bool may_ask = false;                    // it may read from our terminal; where there is one, it is ended alone
  std::size_t output_octets = 64 * 1024;   // of standard output that are kept; 0: it goes nowhere
  std::size_t errors_octets = 4 * 1024;    // of standard error that are kept, the last ones
  std::size_t most_octets = 1024 * 1024;   // of each; who says more finds nobody who listens any more
};

struct CommandEnd {
  std::string out, errors;
  std::optional<int> status;  // nullopt: it was ended, by a signal or because it was late
  bool late = false;
};

// Throws std::system_error where it cannot be started. Ended itself, it ends the command. This process
// ignores SIGPIPE.
asio::awaitable<CommandEnd> run_command(CommandRun run);

}  // namespace transport
