// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Client: what servers say that is not understood, or is too much: what counts all the same, and what the log gets.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "sync/client/client.h"
#include "tests/support/conversation.h"
#include "tests/support/temp_maildir.h"

namespace tests {
namespace {

using mirror::Client;
using testing::HasSubstr;

void agree(const Conversation& server, const ClientBody& body) {
  expect_agreement(server, [&](std::size_t cut_after) { return converse(server, body, cut_after); });
}

asio::awaitable<void> noop(Client& client) {
  co_await client.read_greeting();
  const auto answer = co_await client.execute(imap::NoopCommand{});
  EXPECT_TRUE(answer.is_ok());
}

std::string logged(const Conversation& server, const ClientBody& body) {
  const TempDirectory directory;
  const auto file = directory.path() / "log";
  base::set_log_file(file.string());
  base::set_log_level(base::LogLevel::Warning);
  const auto out = converse(server, body);
  base::set_log_file("/dev/stderr");
  base::set_log_level(base::LogLevel::Error);
  EXPECT_EQ(out.server + out.failure, "");
  return read_file(file);
}

std::size_t lines(const std::string& text) { return static_cast<std::size_t>(std::ranges::count(text, '\n')); }

// Two blanks before EXISTS come from DavMail (python/cpython#117152), the other lines are of the same kind.
TEST(Client, ALineThatIsNotUnderstoodIsSkipped) {
  const std::string careless =
      "* FLAGS (\\Seen \\)\r\n*  3 EXISTS\r\n* STATUS a (HIGHESTMODSEQ NIL)\r\n* LIST () NIL\r\n* \r\n*\r\n"
      "* 1 FETCH (UID x FLAGS ())\r\n* VANISHED 5:\r\n* SEARCH 1 two\r\n* NAMESPACE\r\n* ENABLED )\r\n"
      "* 99999999999 EXISTS\r\n* OK [UIDNEXT x] .\r\n* LIST () NIL\r\n";
  const auto server = Conversation().says("* PREAUTH hello\r\n").expects("1 NOOP\r\n").says(careless + "1 OK done\r\n");
  const auto body = [](Client& client) -> asio::awaitable<void> {
    co_await noop(client);
    EXPECT_EQ(client.skipped().lists, 2u);
    EXPECT_EQ(client.skipped().messages, 3u);  // FETCH, VANISHED, EXISTS
  };
  agree(server, body);
  const auto text = logged(server, body);
  EXPECT_EQ(lines(text), 9u) << text;  // one of each kind
  EXPECT_THAT(text, HasSubstr("* LIST"));
}

// One value that is not understood, and the rest of its line counts.
TEST(Client, AValueThatIsNotUnderstoodIsPassedOver) {
  std::string careless;
  for (int i = 0; i < 5; ++i)
    careless +=
        "* 1 FETCH (UID 1 MODSEQ (NIL))\r\n* 1 FETCH (UID 1 MODSEQ x RFC822.SIZE 1kB)\r\n* STATUS a (SIZE -1)\r\n";
  const auto server = Conversation()
                          .says("* PREAUTH hello\r\n")
                          .expects("1 NOOP\r\n")
                          .says(careless + "* 1 FETCH (FLAGS 7 UID 1)\r\n1 OK done\r\n");
  const auto body = [](Client& client) -> asio::awaitable<void> {
    co_await noop(client);
    EXPECT_EQ(client.skipped().messages, 1u);  // flags alone are a doubt
  };
  agree(server, body);
  const auto text = logged(server, body);
  EXPECT_EQ(lines(text), 4u) << text;  // one of each kind
  for (const auto* what : {"* FETCH MODSEQ", "* FETCH RFC822.SIZE", "* STATUS a value", "* FETCH FLAGS"})
    EXPECT_THAT(text, HasSubstr(what));
}

// What is said of a message is not for the log, also where it is not understood.
TEST(Client, ASkippedLineIsNotLogged) {
  const auto text = logged(Conversation()
                               .says("* PREAUTH hello\r\n")
                               .expects("1 NOOP\r\n")
                               .says("* 1 FETCH (ENVELOPE sesame \r\n* \"sesame\r\n1 OK done\r\n"),
                           noop);
  EXPECT_THAT(text, HasSubstr("FETCH"));
  EXPECT_THAT(text, testing::Not(HasSubstr("(ENVELOPE")));
}

TEST(Client, AlertsByTheThousandDoNotFillTheLog) {
  std::string alerts;
  for (int i = 0; i < 5000; ++i) alerts += "* NO [ALERT] quota " + std::to_string(i) + std::string(500, 'x') + "\r\n";
  const auto text =
      logged(Conversation().says("* PREAUTH hello\r\n").expects("1 NOOP\r\n").says(alerts + "1 OK done\r\n"), noop);
  EXPECT_GE(lines(text), 1u);
  EXPECT_LT(lines(text), 20u);
}

}  // namespace
}  // namespace tests
