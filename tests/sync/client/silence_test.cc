// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Client with a server that says nothing: how long it is waited for.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <asio/co_spawn.hpp>
#include <asio/io_context.hpp>
#include <asio/steady_timer.hpp>

#include <chrono>
#include <memory>
#include <string>

#include "proto/transport/fd_stream.h"
#include "sync/client/client.h"

namespace tests {
namespace {

using mirror::Client;
using testing::HasSubstr;

// What is said in the end of a server that never says a word.
std::string why_given_up(std::chrono::seconds patience, bool doubted) {
  asio::io_context io;
  auto [near, far] = transport::make_stream_pair(io.get_executor());
  std::string why;
  const auto body = [&](std::unique_ptr<transport::Stream> stream) -> asio::awaitable<void> {
    auto metered = std::make_unique<mirror::MeteredStream>(std::move(stream), nullptr);
    auto& meter = *metered;
    mirror::ClientOptions options;
    options.server = "the server";
    options.patience = patience;
    options.doubtful_patience = std::chrono::seconds(2);
    Client client(std::move(metered), meter, std::move(options));
    asio::steady_timer meanwhile(io, std::chrono::milliseconds(100));
    meanwhile.async_wait([&](asio::error_code) {
      if (doubted) client.doubt();
    });
    try {
      co_await client.read_greeting();
    } catch (const mirror::Failure& failure) {
      why = failure.what();
    }
  };
  asio::co_spawn(io, body(std::move(near)), [](std::exception_ptr) {});
  io.run_for(std::chrono::seconds(20));
  return why;
}

TEST(Client, AServerThatNeverAnswers) {
  EXPECT_THAT(why_given_up(std::chrono::seconds(1), false), HasSubstr("did not answer for 1 seconds"));
}

TEST(Client, OneThatIsDoubtedIsNotWaitedForLong) {
  EXPECT_THAT(why_given_up(std::chrono::seconds(60), true), HasSubstr("did not answer for 2 seconds"));
}

}  // namespace
}  // namespace tests
