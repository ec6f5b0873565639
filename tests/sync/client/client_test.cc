// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Client: conversations with servers of all kinds, and each of them cut off at each octet.
#include "sync/client/client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/support/conversation.h"
#include "tests/support/temp_maildir.h"

namespace tests {
namespace {

using mirror::Client;
using testing::HasSubstr;

void agree(const Conversation& server, const ClientBody& body) {
  expect_agreement(server, [&](std::size_t cut_after) { return converse(server, body, cut_after); });
}

std::string failure(const Conversation& server, const ClientBody& body) {
  return expect_failure(converse(server, body));
}

asio::awaitable<void> greet(Client& client) { co_await client.read_greeting(); }
asio::awaitable<void> log_in(Client& client) {
  co_await client.read_greeting();
  co_await client.log_in("joe", base::Secret("open sesame"), {"PLAIN", "LOGIN"});
}
asio::awaitable<void> noop(Client& client) {
  co_await client.read_greeting();
  const auto answer = co_await client.execute(imap::NoopCommand{});
  EXPECT_TRUE(answer.is_ok());
}

TEST(Client, Greetings) {
  agree(Conversation().says("* OK hello\r\n"), greet);
  agree(Conversation().says("* PREAUTH hello\r\n"), [](Client& client) -> asio::awaitable<void> {
    co_await client.read_greeting();
    EXPECT_TRUE(client.is_authenticated());
  });
  agree(Conversation().says("* OK [CAPABILITY IMAP4rev1 idle] hello\r\n"), [](Client& client) -> asio::awaitable<void> {
    co_await client.read_greeting();
    co_await client.know_capabilities();
    EXPECT_TRUE(client.can("IDLE"));
    EXPECT_FALSE(client.is_authenticated());
  });
  EXPECT_THAT(failure(Conversation().says("* BYE too many connections\r\n"), greet), HasSubstr("too many connections"));
  EXPECT_THAT(failure(Conversation().says("* NO go away\r\n"), greet), HasSubstr("go away"));
  EXPECT_NE(failure(Conversation().says("* 5 EXISTS\r\n"), greet), "");
  EXPECT_NE(failure(Conversation().says("1 OK hello\r\n"), greet), "");
  EXPECT_NE(failure(Conversation().says("220 mail.example.org ESMTP\r\n"), greet), "");
  EXPECT_NE(failure(Conversation().says("\r\n"), greet), "");
}

TEST(Client, LoginWithPlainAndTheCapabilitiesAfterIt) {
  const auto body = [](Client& client) -> asio::awaitable<void> {
    co_await log_in(client);
    EXPECT_TRUE(client.is_authenticated());
    EXPECT_TRUE(client.can("QRESYNC"));
    EXPECT_FALSE(client.can("AUTH=PLAIN"));
  };
  agree(Conversation()
            .says("* OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN] hello\r\n")
            .expects("1 AUTHENTICATE PLAIN AGpvZQBvcGVuIHNlc2FtZQ==\r\n")
            .says("1 OK [CAPABILITY IMAP4rev1 QRESYNC] in\r\n"),
        body);
  agree(Conversation()
            .says("* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] hello\r\n")
            .expects("1 AUTHENTICATE PLAIN\r\n")
            .says("+ \r\n")
            .expects("AGpvZQBvcGVuIHNlc2FtZQ==\r\n")
            .says("* CAPABILITY IMAP4rev1 QRESYNC\r\n1 OK in\r\n"),
        body);
  agree(Conversation()
            .says("* OK hello\r\n")
            .expects("1 CAPABILITY\r\n")
            .says("* CAPABILITY IMAP4rev1\r\n1 OK done\r\n")
            .expects("2 LOGIN joe \"open sesame\"\r\n")
            .says("2 OK in\r\n")
            .expects("3 CAPABILITY\r\n")
            .says("* CAPABILITY IMAP4rev1 QRESYNC\r\n3 OK done\r\n"),
        body);
}

TEST(Client, LoginRefused) {
  const auto greeting = "* OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN] hello\r\n";
  const auto refused = failure(Conversation()
                                   .says(greeting)
                                   .expects("1 AUTHENTICATE PLAIN AGpvZQBvcGVuIHNlc2FtZQ==\r\n")
                                   .says("1 NO [AUTHENTICATIONFAILED] wrong password\r\n"),
                               log_in);
  EXPECT_THAT(refused, HasSubstr("wrong password"));
  EXPECT_THAT(refused, HasSubstr("joe"));
  EXPECT_THAT(refused, testing::Not(HasSubstr("sesame")));
  EXPECT_THAT(failure(Conversation().says("* OK [CAPABILITY IMAP4rev1 LOGINDISABLED] hello\r\n"), log_in),
              HasSubstr("LOGINDISABLED"));
  EXPECT_THAT(failure(Conversation()
                          .says("* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] hello\r\n")
                          .expects("1 AUTHENTICATE PLAIN\r\n")
                          .says("1 NO not now\r\n"),
                      log_in),
              HasSubstr("not now"));
}

TEST(Client, ThePasswordIsInNoLog) {
  const TempDirectory directory;
  const auto file = directory.path() / "log";
  base::set_log_file(file.string());
  base::set_log_level(base::LogLevel::Debug);
  failure(Conversation()
              .says("* OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN] hello\r\n")
              .expects("1 AUTHENTICATE PLAIN AGpvZQBvcGVuIHNlc2FtZQ==\r\n")
              .says("* OK [ALERT] be careful\r\n1 NO wrong\r\n"),
          log_in);
  base::set_log_file("/dev/stderr");
  base::set_log_level(base::LogLevel::Error);
  const auto logged = read_file(file);
  EXPECT_THAT(logged, HasSubstr("be careful"));
  EXPECT_THAT(logged, testing::Not(HasSubstr("sesame")));
  EXPECT_THAT(logged, testing::Not(HasSubstr("AGpvZQBv")));
}

TEST(Client, StartTls) {
  const auto start = [](Client& client) -> asio::awaitable<void> {
    co_await client.read_greeting();
    co_await client.start_tls([](std::unique_ptr<transport::Stream> below) { return below; });
    EXPECT_FALSE(client.can("AUTH=PLAIN"));
    co_await client.know_capabilities();
    EXPECT_TRUE(client.can("AUTH=LOGIN"));
  };
  agree(Conversation()
            .says("* OK [CAPABILITY IMAP4rev1 STARTTLS AUTH=PLAIN] hello\r\n")
            .expects("1 STARTTLS\r\n")
            .says("1 OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] go on\r\n")
            .expects("2 CAPABILITY\r\n")
            .says("* CAPABILITY IMAP4rev1 AUTH=LOGIN\r\n2 OK done\r\n"),
        start);
  EXPECT_THAT(failure(Conversation()
                          .says("* OK [CAPABILITY IMAP4rev1 STARTTLS] hello\r\n")
                          .expects("1 STARTTLS\r\n")
                          .says("1 OK go on\r\n* OK [ALERT] said by somebody in between\r\n"),
                      start),
              HasSubstr("listening"));
  EXPECT_THAT(failure(Conversation().says("* OK hello\r\n").expects("1 STARTTLS\r\n").says("1 NO no\r\n"), start),
              HasSubstr("STARTTLS"));
}

imap::AppendCommand letter() {
  imap::AppendCommand out;
  out.mailbox = imap::MailboxName("INBOX");
  out.messages.push_back({{}, imap::DateTime{0, 0}, imap::Literal("text\r\n")});
  return out;
}

TEST(Client, Literals) {
  const auto append = [](Client& client) -> asio::awaitable<void> {
    co_await client.read_greeting();
    const auto answer = co_await client.execute(letter());
    EXPECT_TRUE(answer.is_ok());
  };
  const std::string command = "1 APPEND INBOX \"01-Jan-1970 00:00:00 +0000\" {6";
  agree(Conversation()
            .says("* PREAUTH [CAPABILITY IMAP4rev1 LITERAL+] hello\r\n")
            .expects(command + "+}\r\ntext\r\n\r\n")
            .says("1 OK done\r\n"),
        append);
  agree(Conversation()
            .says("* PREAUTH [CAPABILITY IMAP4rev1 LITERAL-] hello\r\n")
            .expects(command + "+}\r\ntext\r\n\r\n")
            .says("1 OK done\r\n"),
        append);
  agree(Conversation()
            .says("* PREAUTH [CAPABILITY IMAP4rev1] hello\r\n")
            .expects(command + "}\r\n")
            .says("* 1 EXISTS\r\n+ go on\r\n")
            .expects("text\r\n\r\n")
            .says("1 OK done\r\n"),
        append);
}

TEST(Client, AppendRefusedBeforeItsLiteral) {
  agree(Conversation()
            .says("* PREAUTH [CAPABILITY IMAP4rev1] hello\r\n")
            .expects("1 APPEND INBOX \"01-Jan-1970 00:00:00 +0000\" {6}\r\n")
            .says("1 NO [TRYCREATE] there is none\r\n")
            .expects("2 NOOP\r\n")
            .says("2 OK done\r\n"),
        [](Client& client) -> asio::awaitable<void> {
          co_await client.read_greeting();
          const auto answer = co_await client.execute(letter());
          EXPECT_FALSE(answer.is_ok());
          const auto after = co_await client.execute(imap::NoopCommand{});
          EXPECT_TRUE(after.is_ok());
        });
}

TEST(Client, UnsolicitedResponses) {
  agree(Conversation()
            .says("* PREAUTH hello\r\n* 5 EXISTS\r\n")
            .expects("1 NOOP\r\n")
            .says("* 4 EXPUNGE\r\n* FLAGS (\\Seen)\r\n* X-NOBODY knows this\r\n* OK still here\r\n1 OK done\r\n"),
        noop);
}

TEST(Client, PipelinedCommandsAnsweredInAnyOrder) {
  agree(
      Conversation().says("* PREAUTH hello\r\n").expects("1 NOOP\r\n2 CHECK\r\n").says("2 NO second\r\n1 OK first\r\n"),
      [](Client& client) -> asio::awaitable<void> {
        co_await client.read_greeting();
        const auto first = co_await client.begin(imap::NoopCommand{});
        const auto second = co_await client.begin(imap::CheckCommand{});
        const auto one = co_await client.end(first);
        const auto two = co_await client.end(second);
        EXPECT_TRUE(one.is_ok());
        EXPECT_FALSE(two.is_ok());
        EXPECT_EQ(client.pending(), 0u);
      });
}

// What was given to which of some pipelined commands, told by letters.
class Given {
 public:
  Client::Sink sink(char who) {
    return [this, who](imap::Response& response) {
      text_ += who;
      if (const auto* list = std::get_if<imap::ListResponse>(&response)) text_ += list->lsub ? "-lsub" : "-list";
      if (std::holds_alternative<imap::MailboxStatusResponse>(response)) text_ += "-status";
      if (std::holds_alternative<imap::SearchResponse>(response)) text_ += "-search";
      if (std::holds_alternative<imap::EsearchResponse>(response)) text_ += "-esearch";
      if (std::holds_alternative<imap::ExistsResponse>(response)) text_ += "-exists";
      if (std::holds_alternative<imap::FetchResponse>(response)) text_ += "-fetch";
      if (std::holds_alternative<imap::EnabledResponse>(response)) text_ += "-enabled";
      text_ += ' ';
    };
  }
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

asio::awaitable<void> pipeline(Client& client, std::vector<imap::Command> commands, std::string expected) {
  co_await client.read_greeting();
  Given given;
  std::vector<Client::Ticket> tickets;
  char who = 'a';
  for (const auto& command : commands) {
    const auto ticket = co_await client.begin(command, given.sink(who++));
    tickets.push_back(ticket);
  }
  for (const auto ticket : tickets) co_await client.end(ticket);
  EXPECT_EQ(given.text(), expected);
}

// Dovecot answers LIST while a NOOP before it still looks at the selected mailbox.
TEST(Client, DataGoToTheCommandThatAskedForTheirKind) {
  agree(Conversation()
            .says("* PREAUTH hello\r\n")
            .expects("1 NOOP\r\n2 LIST \"\" \"*\"\r\n3 LSUB \"\" \"*\"\r\n")
            .says("* LSUB () NIL b\r\n3 OK done\r\n* LIST () NIL a\r\n* 3 EXISTS\r\n2 OK done\r\n1 OK done\r\n"),
        [](Client& client) -> asio::awaitable<void> {
          imap::ListCommand all;
          all.patterns = {"*"};
          co_await pipeline(client, {imap::NoopCommand{}, all, imap::LsubCommand{"", "*"}}, "c-lsub b-list a-exists ");
        });
  agree(Conversation()
            .says("* PREAUTH hello\r\n")
            .expects("1 ENABLE QRESYNC\r\n2 SELECT INBOX\r\n3 STATUS a (MESSAGES)\r\n")
            .says("* STATUS a (MESSAGES 1)\r\n* 3 EXISTS\r\n* 1 FETCH (UID 1 FLAGS ())\r\n* ENABLED QRESYNC\r\n"
                  "3 OK done\r\n2 OK done\r\n* STATUS a (MESSAGES 1)\r\n* LIST () NIL a\r\n1 OK done\r\n"),
        [](Client& client) -> asio::awaitable<void> {
          imap::SelectCommand select;
          select.mailbox = imap::MailboxName("INBOX");
          imap::StatusItems items;
          items.messages = true;
          co_await pipeline(
              client, {imap::EnableCommand{{"QRESYNC"}}, select, imap::StatusCommand{imap::MailboxName("a"), items}},
              "c-status b-exists b-fetch a-enabled ");
        });
}

TEST(Client, SearchResultsGoToTheSearchThatTheyName) {
  agree(Conversation()
            .says("* PREAUTH hello\r\n")
            .expects("1 UID SEARCH ALL\r\n2 UID SEARCH ALL\r\n")
            .says("* ESEARCH (TAG \"2\") UID ALL 1\r\n* ESEARCH (TAG \"1\") UID ALL 1\r\n2 OK done\r\n* SEARCH 1\r\n"
                  "1 OK done\r\n"),
        [](Client& client) -> asio::awaitable<void> {
          imap::SearchCommand search;
          search.by_uid = true;
          co_await pipeline(client, {search, search}, "b-esearch a-esearch a-search ");
        });
}

TEST(Client, WhatIsNoImap) {
  for (const auto* said : {"9 OK not asked\r\n", "nonsense\r\n", "* \r\n", "* 1 FETCH (FLAGS (\\Seen\r\n",
                           "* LIST (\r\n", "* BYE good night\r\n"}) {
    const auto server = Conversation().says("* PREAUTH hello\r\n").expects("1 NOOP\r\n").says(said);
    const auto out = converse(server, noop, server.octets());
    EXPECT_THAT(out.failure, HasSubstr("the server")) << said;
    EXPECT_TRUE(out.ended) << said;
    if (std::string_view(said).starts_with("* BYE")) {
      EXPECT_THAT(out.failure, HasSubstr("good night"));
    }
  }
}

// A wrong protocol, a proxy gone mad, a server that means harm.
TEST(Client, WhatHasNoEndIsGivenUp) {
  const auto given_up = [](const std::string& greeting, const std::string& said, const ClientBody& body) {
    Conversation server;
    server.says(greeting);
    if (!said.empty()) server.expects("1 NOOP\r\n").says(said);
    return converse(server, body, server.octets()).failure;
  };
  EXPECT_THAT(given_up("* OK " + std::string(100'000, 'a'), "", greet), HasSubstr("a line beyond any measure"));
  EXPECT_THAT(given_up(std::string(100'000, '\0'), "", greet), HasSubstr("a line beyond any measure"));
  EXPECT_THAT(given_up("* PREAUTH hello\r\n", "* LIST () NIL \"" + std::string(65 << 20, 'a'), noop),
              HasSubstr("a line beyond any measure"));
  EXPECT_THAT(given_up("* PREAUTH hello\r\n", "* 1 FETCH (BODY[] {99999999999}\r\n", noop), HasSubstr("literal"));
  std::string lines;
  for (int i = 0; i < 20'000; ++i) lines += "* \r\n";
  EXPECT_THAT(given_up("* PREAUTH hello\r\n", lines, noop), HasSubstr("without end"));
  lines.clear();
  for (int i = 0; i < 20'000; ++i) lines += "* X-NOBODY asks\r\n";
  EXPECT_THAT(given_up("* PREAUTH hello\r\n", lines, noop), HasSubstr("without end"));
}

TEST(Client, Idle) {
  agree(Conversation()
            .says("* PREAUTH hello\r\n")
            .expects("1 IDLE\r\n")
            .says("+ idling\r\n* OK still here\r\n* 7 EXISTS\r\n")
            .expects("DONE\r\n")
            .says("1 OK done\r\n"),
        [](Client& client) -> asio::awaitable<void> {
          co_await client.read_greeting();
          const bool said = co_await client.idle(std::chrono::seconds(60));
          EXPECT_TRUE(said);
        });
  EXPECT_THAT(failure(Conversation().says("* PREAUTH hello\r\n").expects("1 IDLE\r\n").says("1 BAD no\r\n"),
                      [](Client& client) -> asio::awaitable<void> {
                        co_await client.read_greeting();
                        co_await client.idle(std::chrono::seconds(60));
                      }),
              HasSubstr("IDLE"));
}

}  // namespace
}  // namespace tests
