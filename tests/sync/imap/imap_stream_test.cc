// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Messages as servers give them: twice, not at all, in pieces, empty, with dates that are none.
#include "sync/imap/imap_stream.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "proto/base/clock.h"
#include "tests/support/conversation.h"

namespace tests {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr std::string_view kHello = "* PREAUTH [CAPABILITY IMAP4rev1] hello\r\n";

std::string asks(const std::string& tag, const std::string& uids) {
  return tag + " UID FETCH " + uids + " (FLAGS INTERNALDATE RFC822.SIZE BODY.PEEK[])\r\n";
}
std::string gives(int uid, const std::string& text, const std::string& date = "\"01-Jan-1970 00:00:10 +0000\"",
                  std::size_t size = 1) {
  return "* 1 FETCH (UID " + std::to_string(uid) + " FLAGS () INTERNALDATE " + date + " RFC822.SIZE " +
         std::to_string(size) + " BODY[] {" + std::to_string(text.size()) + "}\r\n" + text + ")\r\n";
}

Conversation hello() { return Conversation().says(kHello); }

// What comes of these UIDs: "UID:text@date".
std::vector<std::string> received(const Conversation& server, const imap::UidSet& uids,
                                  std::string* failure = nullptr) {
  std::vector<std::string> out;
  const auto outcome = converse(server, [&](mirror::Client& client) -> asio::awaitable<void> {
    co_await client.read_greeting();
    const auto stream = mirror::make_imap_stream(client, uids);
    for (;;) {
      const auto message = co_await stream->next();
      if (!message) break;
      out.push_back(std::to_string(message->uid.value) + ":" + message->data.bytes() + "@" +
                    std::to_string(message->internal_date));
    }
  });
  EXPECT_EQ(outcome.server, "");
  if (failure)
    *failure = outcome.failure;
  else
    EXPECT_EQ(outcome.failure, "");
  return out;
}

TEST(ImapStream, AMessageThatComesTwiceIsOne) {
  EXPECT_THAT(received(hello()
                           .expects(asks("1", "4:5"))
                           .says(gives(4, "four") + gives(5, "five") + gives(4, "four") + gives(4, "else") +
                                 "* 1 FETCH (UID 5 FLAGS (\\Seen))\r\n1 OK done\r\n"),
                       {{4, 5}}),
              ElementsAre("4:four@10", "5:five@10"));
}

TEST(ImapStream, NothingIsNotTheTextOfSomething) {
  EXPECT_THAT(received(hello()
                           .expects(asks("1", "4:6"))
                           .says(gives(4, "", "\"01-Jan-1970 00:00:10 +0000\"", 300) +
                                 gives(5, "", "\"01-Jan-1970 00:00:10 +0000\"", 0) + gives(6, "six") + "1 OK done\r\n")
                           .expects(asks("2", "4"))
                           .says(gives(4, "", "\"01-Jan-1970 00:00:10 +0000\"", 300) + "2 OK done\r\n"),
                       {{4, 6}}),
              ElementsAre("5:@10", "6:six@10"));
}

// Servers whose database has lost the date, or that count in zones of their own.
TEST(ImapStream, NoMessageIsLeftOutForItsDate) {
  const std::string letter = "Date: Thu, 1 Jan 1970 01:00:30 +0100\r\n\r\n";
  for (const std::string date : {"NIL", "\"\"", "\"00-Jan-0000 00:00:00 +0000\"", "\"31-Feb-2020 10:00:00 +0000\"",
                                 "\"01-Jan-1970 00:00:10 GMT\"", "\"yesterday\""})
    EXPECT_THAT(received(hello().expects(asks("1", "4")).says(gives(4, letter, date) + "1 OK done\r\n"), {{4, 4}}),
                ElementsAre("4:" + letter + "@30"))
        << date;
  const auto before = base::unix_now();
  const auto now =
      received(hello().expects(asks("1", "4")).says(gives(4, "no field", "NIL") + "1 OK done\r\n"), {{4, 4}});
  ASSERT_EQ(now.size(), 1u);
  EXPECT_GE(std::stoll(now.front().substr(now.front().find('@') + 1)), before);
}

// Exchange gives some messages never; a NO is for the whole command.
TEST(ImapStream, WhatIsRefusedIsAskedForInHalves) {
  EXPECT_THAT(received(hello()
                           .expects(asks("1", "1:4"))
                           .says("1 NO cannot read\r\n")
                           .expects(asks("2", "1:2") + asks("3", "3:4"))
                           .says(gives(1, "one") + gives(2, "two") + "2 OK done\r\n" + gives(4, "four") +
                                 "3 NO [SERVERBUG] no\r\n"),
                       {{1, 4}}),
              ElementsAre("1:one@10", "2:two@10", "4:four@10"));
}

TEST(ImapStream, WhatIsGivenInPiecesIsAskedForAgain) {
  EXPECT_THAT(received(hello()
                           .expects(asks("1", "1:3"))
                           .says(gives(2, "two") + gives(3, "three") + "1 OK [MESSAGELIMIT 2 2] some\r\n")
                           .expects(asks("2", "1"))
                           .says(gives(1, "one") + "2 OK done\r\n"),
                       {{1, 3}}),
              ElementsAre("2:two@10", "3:three@10", "1:one@10"));
}

TEST(ImapStream, WhatIsGoneIsNotAskedForAgain) {
  EXPECT_THAT(
      received(hello().expects(asks("1", "1:3")).says(gives(2, "two") + "1 NO [EXPUNGEISSUED] some\r\n"), {{1, 3}}),
      ElementsAre("2:two@10"));
  EXPECT_THAT(received(hello().expects(asks("1", "1:3")).says("1 OK done\r\n"), {{1, 3}}), ElementsAre());
}

}  // namespace
}  // namespace tests
