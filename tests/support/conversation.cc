// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/support/conversation.h"

#include <gtest/gtest.h>

#include <asio/co_spawn.hpp>
#include <asio/io_context.hpp>

#include <algorithm>
#include <csignal>
#include <stdexcept>

#include "proto/transport/fd_stream.h"

namespace tests {

namespace {

// Reads as many octets as the text has; fewer at the end of the stream.
asio::awaitable<std::string> read_like(transport::Stream& stream, std::string& ahead, std::size_t size) {
  while (ahead.size() < size) {
    char buffer[4096];
    const auto n = co_await stream.read_some(asio::buffer(buffer));
    if (n == 0) break;
    ahead.append(buffer, n);
  }
  auto out = ahead.substr(0, size);
  ahead.erase(0, out.size());
  co_return out;
}

asio::awaitable<void> serve(const Conversation& server, transport::Stream& stream, std::size_t cut_after,
                            std::string& wrong) {
  wrong = co_await server.play(stream, cut_after);
}

asio::awaitable<void> use_client(const OwningBody& body, std::unique_ptr<transport::Stream> stream,
                                 std::chrono::seconds patience, std::string& failure) {
  auto metered = std::make_unique<mirror::MeteredStream>(std::move(stream), nullptr);
  auto& meter = *metered;
  mirror::ClientOptions options;
  options.server = "the server";
  options.patience = patience;
  auto client = std::make_unique<mirror::Client>(std::move(metered), meter, std::move(options));
  try {
    co_await body(std::move(client));
  } catch (const std::exception& error) {
    failure = error.what();
    if (failure.empty()) failure = "without a word";
  }
}

}  // namespace

Conversation& Conversation::says(std::string_view text) {
  turns_.push_back({true, std::string(text)});
  return *this;
}

Conversation& Conversation::expects(std::string_view text) {
  turns_.push_back({false, std::string(text)});
  return *this;
}

std::size_t Conversation::octets() const {
  std::size_t out = 0;
  for (const auto& turn : turns_)
    if (turn.says) out += turn.text.size();
  return out;
}

asio::awaitable<std::string> Conversation::play(transport::Stream& stream, std::size_t cut_after) const {
  std::string ahead, wrong;
  try {
    for (const auto& turn : turns_) {
      if (turn.says) {
        const auto n = std::min(turn.text.size(), cut_after);
        co_await stream.write(asio::buffer(turn.text.data(), n));
        cut_after -= n;
        if (n < turn.text.size()) break;
        continue;
      }
      const auto got = co_await read_like(stream, ahead, turn.text.size());
      if (got == turn.text) continue;
      wrong = "expected " + turn.text + "but got " + got + ahead;
      break;
    }
    if (wrong.empty() && cut_after > 0) {
      const auto more = co_await read_like(stream, ahead, 1);
      if (!more.empty()) wrong = "more than expected: " + more + ahead;
    }
  } catch (const std::exception& error) {
    wrong = error.what();
  }
  stream.close();
  co_return wrong;
}

Outcome converse(const Conversation& server, const ClientBody& body, std::size_t cut_after,
                 std::chrono::seconds patience) {
  const OwningBody owning = [&](std::unique_ptr<mirror::Client> client) -> asio::awaitable<void> {
    co_await body(*client);
  };
  return converse_owning(server, owning, cut_after, patience);
}

Outcome converse_owning(const Conversation& server, const OwningBody& body, std::size_t cut_after,
                        std::chrono::seconds patience) {
  std::signal(SIGPIPE, SIG_IGN);  // as in every main
  asio::io_context io;
  Outcome out;
  auto [near, far] = transport::make_stream_pair(io.get_executor());
  int running = 2;
  const auto done = [&](std::exception_ptr) { --running; };
  asio::co_spawn(io, serve(server, *far, cut_after, out.server), done);
  asio::co_spawn(io, use_client(body, std::move(near), patience, out.failure), done);
  io.run_for(std::chrono::seconds(30));
  out.ended = running == 0;
  return out;
}

void expect_agreement(const Conversation& server, const std::function<Outcome(std::size_t cut_after)>& play) {
  const auto out = play(Conversation::kUncut);
  EXPECT_EQ(out.server, "");
  EXPECT_EQ(out.failure, "");
  EXPECT_TRUE(out.ended);
  for (std::size_t cut = 0; cut < server.octets(); ++cut) {
    const auto short_one = play(cut);
    EXPECT_NE(short_one.failure, "") << "cut after " << cut;
    EXPECT_TRUE(short_one.ended) << "cut after " << cut;
  }
}

std::string expect_failure(const Outcome& out) {
  EXPECT_EQ(out.server, "");
  EXPECT_TRUE(out.ended);
  return out.failure;
}

}  // namespace tests
