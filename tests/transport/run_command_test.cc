// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "proto/transport/run_command.h"

#include <signal.h>
#include <unistd.h>

#include <gtest/gtest.h>
#include <asio/co_spawn.hpp>
#include <asio/io_context.hpp>

#include <cstdlib>
#include <exception>
#include <thread>

using namespace std::chrono_literals;

namespace {

transport::CommandEnd end_of(transport::CommandRun run) {
  ::signal(SIGPIPE, SIG_IGN);
  if (run.patience == 0ms) run.patience = 60s;
  asio::io_context io{1};
  transport::CommandEnd out;
  asio::co_spawn(
      io, [&]() -> asio::awaitable<void> { out = co_await transport::run_command(std::move(run)); },
      [](std::exception_ptr error) {
        if (error) std::rethrow_exception(error);
      });
  io.run();
  return out;
}

bool ends_within(pid_t process, std::chrono::seconds patience) {
  for (const auto end = std::chrono::steady_clock::now() + patience; std::chrono::steady_clock::now() < end;) {
    if (::kill(process, 0) != 0) return true;
    std::this_thread::sleep_for(10ms);
  }
  return false;
}

}  // namespace

TEST(RunCommand, GivesTheTextAndItsEndAndKeepsWhatIsSaid) {
  const auto end = end_of({.command = "cat; echo oops >&2; exit 3", .input = "one\ntwo\n"});
  EXPECT_EQ(end.out, "one\ntwo\n");
  EXPECT_EQ(end.errors, "oops\n");
  EXPECT_EQ(end.status, 3);
  EXPECT_FALSE(end.late);
}

TEST(RunCommand, ItsEndIsItsExitWhateverItHasStartedGoesOn) {
  const auto end = end_of({.command = "sleep 300 & echo $!"});
  EXPECT_EQ(end.status, 0);
  const auto process = static_cast<pid_t>(std::atoi(end.out.c_str()));
  ASSERT_GT(process, 1);
  EXPECT_EQ(::kill(process, SIGKILL), 0) << "it was ended with it";
}

TEST(RunCommand, OneThatHangsIsEndedWithAllThatItHasStarted) {
  const auto end = end_of({.command = "sleep 300 & echo $!; wait", .patience = 300ms});
  EXPECT_TRUE(end.late);
  EXPECT_FALSE(end.status);
  const auto process = static_cast<pid_t>(std::atoi(end.out.c_str()));
  ASSERT_GT(process, 1);
  EXPECT_TRUE(ends_within(process, 30s));
}

TEST(RunCommand, OneThatReadsNothingHoldsUpNothing) {
  const auto end = end_of({.command = "exit 0", .input = std::string(1'000'000, 'x')});
  EXPECT_EQ(end.status, 0);
}

TEST(RunCommand, WhoSaysTooMuchIsNotListenedTo) {
  const auto end = end_of({.command = "yes; yes >&2; yes >&2", .output_octets = 100, .most_octets = 100'000});
  EXPECT_EQ(end.out.size(), 100u);
  EXPECT_EQ(end.errors.size(), 4096u);
  EXPECT_FALSE(end.late);
}

TEST(RunCommand, OfStandardErrorTheLastIsKept) {
  const auto end = end_of({.command = "for i in 1 2 3 4 5; do echo line$i >&2; done", .errors_octets = 6});
  EXPECT_EQ(end.errors, "line5\n");
}

TEST(RunCommand, TheEnvironmentIsReplacedByName) {
  ::setenv("RUN_COMMAND_TEST", "ours", 1);
  EXPECT_EQ(end_of({.command = "printf %s \"$RUN_COMMAND_TEST\""}).out, "ours");
  EXPECT_EQ(end_of({.command = "printf %s \"$RUN_COMMAND_TEST\"", .environment = {"RUN_COMMAND_TEST=its"}}).out, "its");
}

TEST(RunCommand, OneThatCannotAskHasNoTerminal) {
  const auto end = end_of({.command = "if (exec < /dev/tty) 2> /dev/null; then echo terminal; else echo none; fi"});
  EXPECT_EQ(end.out, "none\n");
}
