// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Connections: frames over a stream, upgrades, dialling and listening.
#include "proto/transport/connection.h"

#include <sys/socket.h>

#include <filesystem>
#include <fstream>

#include "proto/transport/dial.h"
#include "proto/transport/listen.h"
#include "tests/transport/stream_case.h"

namespace {

using tests::read_exactly;
using tests::say;
using transport::Connection;
using transport::Stream;

class ConnectionTest : public tests::StreamCase {};

TEST_F(ConnectionTest, ReadsFramesAndAsksForLiterals) {
  auto ends = plain();
  Connection server(std::move(ends.second), imap::Framer::Side::Server);
  beside([&]() -> asio::awaitable<void> {
    co_await say(*ends.first, "a LOGIN {3}\r\n");
    const auto plus = co_await read_exactly(*ends.first, 6);
    EXPECT_EQ(plus, "+ OK\r\n");
    co_await say(*ends.first, "joe x\r\nb NOOP\r\n");
    ends.first->close();
  });
  run([&]() -> asio::awaitable<void> {
    auto frame = co_await server.read_frame();
    EXPECT_EQ(frame->text, "a LOGIN {3}\r\njoe x");
    EXPECT_TRUE(server.has_frame());
    frame = co_await server.read_frame();
    EXPECT_EQ(frame->text, "b NOOP");
    frame = co_await server.read_frame();
    EXPECT_FALSE(frame);
  });
}

TEST_F(ConnectionTest, GoesOnBehindALineThatIsRefused) {
  auto ends = plain();
  imap::FramerLimits limits;
  limits.line = 20;
  Connection server(std::move(ends.second), imap::Framer::Side::Server, limits);
  server.on_refused = [&](imap::Framer& framer) { server.output() += std::string(framer.refused_tag()) + " BAD\r\n"; };
  beside([&]() -> asio::awaitable<void> { co_await say(*ends.first, "a " + std::string(50, 'x') + "\r\nb NOOP\r\n"); });
  run([&]() -> asio::awaitable<void> {
    const auto frame = co_await server.read_frame();
    EXPECT_EQ(frame->text, "b NOOP");
    const auto said = co_await read_exactly(*ends.first, 7);
    EXPECT_EQ(said, "a BAD\r\n");
  });
}

// What a stranger wrote in plain text behind STARTTLS must not be taken for the client's.
TEST_F(ConnectionTest, RefusesAnUpgradeOverUnreadInput) {
  auto ends = plain();
  Connection server(std::move(ends.second), imap::Framer::Side::Server);
  beside([&]() -> asio::awaitable<void> { co_await say(*ends.first, "a STARTTLS\r\nb NOOP\r\n"); });
  run([&]() -> asio::awaitable<void> {
    co_await server.read_frame();
    EXPECT_TRUE(server.has_unread_input());
    EXPECT_THROW(server.upgrade([](auto below) { return below; }), std::runtime_error);
  });
}

TEST_F(ConnectionTest, KeepsWhatWasPipelinedBehindCompress) {
  auto ends = plain();
  Connection server(std::move(ends.second), imap::Framer::Side::Server);
  beside([&]() -> asio::awaitable<void> {
    co_await say(*ends.first, "a COMPRESS DEFLATE\r\n");
    const auto deflating = transport::make_deflate_stream(std::move(ends.first));
    co_await say(*deflating, "b NOOP\r\n");
    const auto text = co_await read_exactly(*deflating, 6);
    EXPECT_EQ(text, "b OK\r\n");
  });
  run([&]() -> asio::awaitable<void> {
    co_await server.read_frame();
    server.upgrade_keeping_input([](auto below) { return transport::make_deflate_stream(std::move(below)); });
    const auto frame = co_await server.read_frame();
    EXPECT_EQ(frame->text, "b NOOP");
    server.output() += "b OK\r\n";
    co_await server.flush();
  });
}

// Two that flush at once: all goes out, once and in order.
TEST_F(ConnectionTest, FlushesOneAfterTheOther) {
  auto ends = plain();
  Connection server(std::move(ends.second), imap::Framer::Side::Server);
  const std::string many(3'000'000, 'x');
  run([&]() -> asio::awaitable<void> {
    server.output() += many;
    beside([&]() -> asio::awaitable<void> { co_await server.flush(); });
    beside([&]() -> asio::awaitable<void> {
      server.output() += "end";
      co_await server.flush();
    });
    const auto text = co_await read_exactly(*ends.first, many.size() + 3);
    EXPECT_EQ(text, many + "end");
  });
}

TEST_F(ConnectionTest, DialsATunnel) {
  run([&]() -> asio::awaitable<void> {
    const auto cat = transport::dial_tunnel(io.get_executor(), "exec cat", false);
    co_await say(*cat, "hello");
    const auto text = co_await read_exactly(*cat, 5);
    EXPECT_EQ(text, "hello");
    cat->close();
  });
  run([&]() -> asio::awaitable<void> {
    const auto missing = transport::dial_tunnel(io.get_executor(), "exec /no/such/program", true);
    char byte = 0;
    const auto n = co_await missing->read_some(asio::buffer(&byte, 1));
    EXPECT_EQ(n, 0u);
  });
}

TEST_F(ConnectionTest, DialsTcpAndSaysWhatFailed) {
  auto listening = transport::listen_tcp("127.0.0.1", "0");
  const auto address = transport::local_address(listening.get());
  const auto port = address.substr(address.rfind(':') + 1);
  std::unique_ptr<Stream> accepted;
  {
    auto acceptor = std::make_unique<transport::Acceptor>(
        io.get_executor(), std::move(listening), [&](base::FileDescriptor client) {
          accepted = transport::make_socket_stream(io.get_executor(), std::move(client));
        });
    run([&]() -> asio::awaitable<void> {
      const auto stream = co_await transport::dial_tcp("127.0.0.1", port, std::chrono::seconds(5));
      while (!accepted) co_await asio::post(io, asio::use_awaitable);
      co_await say(*accepted, "hi");
      const auto text = co_await read_exactly(*stream, 2);
      EXPECT_EQ(text, "hi");
      acceptor.reset();
    });
  }
  accepted.reset();
  const auto failure = [&](const std::string& host, const std::string& service) -> std::string {
    try {
      run([&]() -> asio::awaitable<void> { co_await transport::dial_tcp(host, service, std::chrono::seconds(5)); });
      return "";
    } catch (const std::system_error& error) {
      return error.what();
    }
  };
  EXPECT_THAT(failure("127.0.0.1", port),
              testing::AllOf(testing::HasSubstr("127.0.0.1 port " + port), testing::HasSubstr("refused")));
  EXPECT_THAT(failure("127.0.0.1", "no-such-service"), testing::HasSubstr("no-such-service"));
}

TEST_F(ConnectionTest, ListensOnUnixSockets) {
  const auto path = directory.path() / "socket";
  const auto first = transport::listen_unix(path);
  EXPECT_EQ(transport::local_address(first.get()), path.string());
  EXPECT_EQ(std::filesystem::status(path).permissions(), std::filesystem::perms(0600));
  EXPECT_ANY_THROW(transport::listen_unix("/no/such/directory/socket"));
  // What is no socket is somebody's: it stays, and a link does so too.
  const auto file = path.parent_path() / "notes", link = path.parent_path() / "link";
  std::ofstream(file) << "important";
  std::filesystem::create_symlink(file, link);
  EXPECT_ANY_THROW(transport::listen_unix(file));
  EXPECT_ANY_THROW(transport::listen_unix(link));
  EXPECT_ANY_THROW(transport::listen_unix(path.parent_path()));
  EXPECT_EQ(std::filesystem::file_size(file), 9u);
  EXPECT_TRUE(std::filesystem::is_symlink(link));
  EXPECT_ANY_THROW(transport::listen_tcp("127.0.0.1", "no-such-service"));
  EXPECT_TRUE(transport::is_loopback("127.0.0.1") && transport::is_loopback("::1"));
  EXPECT_FALSE(transport::is_loopback("0.0.0.0") || transport::is_loopback("192.0.2.1"));
}

}  // namespace
