// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// STARTTLS from both ends: the handshake, what is announced before and behind it, and what a stranger put in between.
#include "proto/transport/connection.h"
#include "tests/server/session_case.h"
#include "tests/transport/stream_case.h"

namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class StarttlsTest : public tests::StreamCase {
 protected:
  StarttlsTest() {
    server.context.authenticator = &passwords;
    server.context.login_disabled = true;
    server.context.start_tls = [identity = identity()](std::unique_ptr<transport::Stream> below) {
      return transport::make_tls_server(std::move(below), identity);
    };
  }
  transport::Connection connect() {
    return {transport::make_socket_stream(io.get_executor(), base::FileDescriptor(server.connect())),
            imap::Framer::Side::Client};
  }
  static asio::awaitable<std::string> line(transport::Connection& connection) {
    const auto frame = co_await connection.read_frame();
    co_return frame ? frame->text : "the end";
  }
  static asio::awaitable<std::string> ask(transport::Connection& connection, std::string_view command) {
    connection.output() += command;
    connection.output() += "\r\n";
    co_await connection.flush();
    auto answer = co_await line(connection);
    while (answer.starts_with("* ")) answer = co_await line(connection);
    co_return answer;
  }

  tests::MemoryStore store;
  tests::Passwords passwords;
  tests::SessionFixture server{store};
};

TEST_F(StarttlsTest, PasswordsAreTakenBehindItAlone) {
  run([&]() -> asio::awaitable<void> {
    auto client = connect();
    const auto greeting = co_await line(client);
    EXPECT_THAT(greeting, AllOf(HasSubstr(" STARTTLS "), HasSubstr(" LOGINDISABLED")));
    auto answer = co_await ask(client, "a LOGIN joe secret");
    EXPECT_THAT(answer, StartsWith("a NO [PRIVACYREQUIRED]"));
    answer = co_await ask(client, "b STARTTLS");
    EXPECT_THAT(answer, StartsWith("b OK "));
    client.upgrade([&](auto below) { return transport::make_tls_client(std::move(below), trusting()); });
    client.output() += "c CAPABILITY\r\n";
    co_await client.flush();
    answer = co_await line(client);
    EXPECT_THAT(answer, AllOf(HasSubstr(" AUTH=PLAIN"), Not(HasSubstr("STARTTLS")), Not(HasSubstr("LOGINDISABLED"))));
    answer = co_await line(client);
    EXPECT_THAT(answer, StartsWith("c OK"));
    answer = co_await ask(client, "d STARTTLS");
    EXPECT_THAT(answer, StartsWith("d BAD"));
    answer = co_await ask(client, "e LOGIN joe secret");
    EXPECT_THAT(answer, StartsWith("e OK"));
    answer = co_await ask(client, "f COMPRESS DEFLATE");
    EXPECT_THAT(answer, StartsWith("f OK"));
    client.upgrade([&](auto below) { return transport::make_deflate_stream(std::move(below)); });
    answer = co_await ask(client, "g SELECT INBOX");
    EXPECT_THAT(answer, StartsWith("g OK"));
    answer = co_await ask(client, "h LOGOUT");
    EXPECT_THAT(answer, StartsWith("h OK"));
  });
}

// Words put behind STARTTLS in plain text are not the client's: no TLS begins over them.
TEST_F(StarttlsTest, NobodyPutsWordsIntoTheClientsMouth) {
  run([&]() -> asio::awaitable<void> {
    auto client = connect();
    co_await line(client);
    auto answer = co_await ask(client, "a STARTTLS\r\nb LOGIN joe secret");
    EXPECT_THAT(answer, StartsWith("a BAD"));
    answer = co_await line(client);
    EXPECT_THAT(answer, StartsWith("b NO [PRIVACYREQUIRED]"));
  });
}

TEST_F(StarttlsTest, AHandshakeThatFailsEndsTheSessionAlone) {
  run([&]() -> asio::awaitable<void> {
    auto client = connect();
    co_await line(client);
    co_await ask(client, "a STARTTLS");
    const auto answer = co_await ask(client, "b NOOP in plain text");
    EXPECT_EQ(answer.find("b "), std::string::npos);
    auto other = connect();
    const auto greeting = co_await line(other);
    EXPECT_THAT(greeting, StartsWith("* OK"));
  });
}

// 10,000 literals of a few octets each are no less than one of many.
TEST_F(StarttlsTest, LittleIsTakenBeforeLogin) {
  run([&]() -> asio::awaitable<void> {
    auto client = connect();
    co_await line(client);
    std::string command = "a ID (";
    for (int i = 0; i < 9; ++i) command += "{1000+}\r\n" + std::string(1000, 'x') + " NIL ";
    auto answer = co_await ask(client, command + ")");
    EXPECT_THAT(answer, StartsWith("a NO [TOOBIG]"));
    answer = co_await ask(client, "b NOOP");
    EXPECT_THAT(answer, StartsWith("b OK"));
  });
}

}  // namespace
