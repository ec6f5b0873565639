// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// An IMAP server over TCP, as a script tells it, and ImapReplica as its client.
#pragma once

#include <gtest/gtest.h>
#include <asio/co_spawn.hpp>
#include <asio/io_context.hpp>

#include <csignal>
#include <functional>
#include <string>
#include <vector>

#include "proto/base/log.h"
#include "proto/transport/fd_stream.h"
#include "proto/transport/listen.h"
#include "sync/imap/imap_replica.h"
#include "tests/support/conversation.h"

namespace tests {

using mirror::ServerConfig;
using ReplicaBody = std::function<asio::awaitable<void>(mirror::Replica&)>;

inline ServerConfig plain() {
  ServerConfig out;
  out.type = ServerConfig::Type::Imap;
  out.section = "remote";
  out.host = "127.0.0.1";
  out.start_tls = false;
  out.username = "joe";
  out.password = base::Secret("sesame");
  return out;
}

inline asio::awaitable<void> serve(const Conversation& server, std::unique_ptr<transport::Stream> stream,
                                   std::string& wrong) {
  wrong += co_await server.play(*stream);
}

// The n-th connection gets the n-th conversation.
inline Outcome play(ServerConfig config, const std::vector<Conversation>& servers, const ReplicaBody& body,
                    mirror::EarlyCompression* early = nullptr, const mirror::KnownNamespace& known = {}) {
  std::signal(SIGPIPE, SIG_IGN);
  base::set_log_level(base::LogLevel::Error);
  asio::io_context io;
  Outcome out;
  auto socket = transport::listen_tcp("127.0.0.1", "0");
  const auto address = transport::local_address(socket.get());
  config.port = address.substr(address.rfind(':') + 1);
  std::size_t connections = 0;
  auto acceptor =
      std::make_unique<transport::Acceptor>(io.get_executor(), std::move(socket), [&](base::FileDescriptor client) {
        if (connections >= servers.size()) return;
        asio::co_spawn(io,
                       serve(servers[connections++],
                             transport::make_socket_stream(io.get_executor(), std::move(client)), out.server),
                       [](std::exception_ptr) {});
      });
  const auto use = [&]() -> asio::awaitable<void> {
    mirror::ImapReplicaUse with;
    with.early = early;
    with.known = known;
    const auto replica = mirror::make_imap_replica(config, std::move(with));
    co_await body(*replica);
  };
  asio::co_spawn(io, use(), [&](std::exception_ptr error) {
    acceptor.reset();
    out.ended = true;
    if (!error) return;
    try {
      std::rethrow_exception(error);
    } catch (const std::exception& fault) {
      out.failure = fault.what();
    }
  });
  io.run_for(std::chrono::seconds(20));
  EXPECT_TRUE(out.ended);
  return out;
}

inline void agree(const Conversation& server, const ReplicaBody& body, const mirror::KnownNamespace& known = {}) {
  const auto out = play(plain(), {server}, body, nullptr, known);
  EXPECT_EQ(out.server, "");
  EXPECT_EQ(out.failure, "");
}

inline std::string shown(const std::vector<mirror::ReplicaEntry>& entries) {
  std::string out;
  for (const auto& entry : entries) {
    out += entry.path.shown();
    if (!entry.exists) out += " (none)";
    if (entry.subscribed) out += " subscribed";
    for (const auto& use : entry.special_use) out += " " + use;
    if (entry.state)
      out += " " + std::to_string(entry.state->uid_validity.value) + ":" + std::to_string(entry.state->uid_next.value) +
             ":" + std::to_string(entry.state->modseq.value) + ":" + std::to_string(entry.state->messages);
    out += "\n";
  }
  return out;
}

inline ReplicaBody list(const std::string& expected) {
  return [=](mirror::Replica& replica) -> asio::awaitable<void> {
    const auto entries = co_await replica.list();
    EXPECT_EQ(shown(entries), expected);
  };
}

}  // namespace tests
