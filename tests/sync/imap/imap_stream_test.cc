// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Messages as servers give them: twice, not at all, in pieces, empty, with dates that are none.
#include "sync/imap/imap_stream.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "proto/base/clock.h"
#include "sync/imap/uid_parts.h"
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
std::vector<std::string> received(const Conversation& server, const imap::UidSet& uids, std::string* failure = nullptr,
                                  const mirror::KnownSizes* sizes = nullptr) {
  std::vector<std::string> out;
  const mirror::KnownSizes all_fine{uids, {}};
  const auto outcome = converse(server, [&](mirror::Client& client) -> asio::awaitable<void> {
    co_await client.read_greeting();
    const auto stream = mirror::make_imap_stream(client, uids, sizes ? *sizes : all_fine);
    for (;;) {
      const auto message = co_await stream->next();
      if (!message) break;
      out.push_back(std::to_string(message->uid.value) + ":" + message->data.bytes() + "@" +
                    std::to_string(message->internal_date));
    }
    const auto withheld = stream->withheld();
    for (const auto& [uid, why] : withheld) out.push_back(std::to_string(uid.value) + " withheld: " + why);
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

std::string asks_sizes(const std::string& tag, const std::string& uids) {
  return tag + " UID FETCH " + uids + " (RFC822.SIZE)\r\n";
}
std::string has_size(int uid, std::uint64_t size) {
  return "* 1 FETCH (UID " + std::to_string(uid) + " RFC822.SIZE " + std::to_string(size) + ")\r\n";
}

// Nobody asks for what cannot be read.
TEST(ImapStream, AMessageThatIsTooLargeIsNotAskedFor) {
  const mirror::KnownSizes none;
  EXPECT_THAT(received(hello()
                           .expects(asks_sizes("1", "4:7"))
                           .says(has_size(4, 10) + has_size(5, 3'000'000'000) + has_size(9, 10) +
                                 "* 1 FETCH (FLAGS ())\r\n" + has_size(6, 1ull << 30) + "1 OK done\r\n")
                           .expects(asks("2", "4,6:7"))
                           .says(gives(4, "four") + gives(6, "six") + gives(7, "seven") + "2 OK done\r\n"),
                       {{4, 7}}, nullptr, &none),
              ElementsAre("4:four@10", "6:six@10", "7:seven@10", "5 withheld: it is too large (3000 MB)"));
  EXPECT_THAT(received(hello().expects(asks_sizes("1", "5")).says(has_size(5, 1ull << 31) + "1 OK done\r\n"), {{5, 5}},
                       nullptr, &none),
              ElementsAre("5 withheld: it is too large (2147 MB)"));
  const mirror::KnownSizes told{{{1, 4}}, {{imap::Uid(5), 1ull << 31}}};  // by a listing
  EXPECT_THAT(
      received(hello().expects(asks("1", "4")).says(gives(4, "four") + "1 OK done\r\n"), {{4, 5}}, nullptr, &told),
      ElementsAre("4:four@10", "5 withheld: it is too large (2147 MB)"));
}

// A server that does not tell sizes gives its messages all the same.
TEST(ImapStream, SizesThatAreRefusedHoldNothingBack) {
  const mirror::KnownSizes none;
  for (const std::string answer : {"1 NO no sizes\r\n", "1 BAD what?\r\n", "1 OK nothing\r\n",
                                   "* 1 FETCH (UID 4 RFC822.SIZE NIL)\r\n1 OK done\r\n"})
    EXPECT_THAT(received(hello()
                             .expects(asks_sizes("1", "4"))
                             .says(answer)
                             .expects(asks("2", "4"))
                             .says(gives(4, "four") + "2 OK done\r\n"),
                         {{4, 4}}, nullptr, &none),
                ElementsAre("4:four@10"))
        << answer;
}

// The link may break before all sizes of a large mailbox have come: they are asked for some hundred at a time.
TEST(ImapStream, SizesAreAskedForALittleAhead) {
  const mirror::KnownSizes none;
  auto server = hello();
  server
      .expects(asks_sizes("1", "1:1000") + asks_sizes("2", "1001:2000") + asks_sizes("3", "2001:3000") +
               asks_sizes("4", "3001:4000"))
      .says("1 OK done\r\n")
      .expects(asks("5", "1:1000"))
      .says("2 OK done\r\n3 OK done\r\n4 OK done\r\n")
      .expects(asks("6", "1001:2000") + asks("7", "2001:3000") + asks("8", "3001:4000"))
      .says("5 OK done\r\n6 OK done\r\n7 OK done\r\n8 OK done\r\n");
  EXPECT_THAT(received(server, {{1, 4000}}, nullptr, &none), ElementsAre());
}

// Dovecot begins with the next commands while the output of one waits: answers come one between the other.
TEST(ImapStream, TextsThatComeAmongTheSizesOfOthers) {
  const mirror::KnownSizes none;
  auto server = hello();
  server
      .expects(asks_sizes("1", "1:1000") + asks_sizes("2", "1001:2000") + asks_sizes("3", "2001:3000") +
               asks_sizes("4", "3001:4000"))
      .says(has_size(4, 4) + "1 OK done\r\n")
      .expects(asks("5", "1:1000"))
      .says(has_size(1001, 3) + gives(4, "four") + has_size(1002, 1ull << 31) + gives(5, "five") + "2 OK done\r\n")
      .says("3 OK done\r\n4 OK done\r\n")
      .expects(asks("6", "1001,1003:2000") + asks("7", "2001:3000") + asks("8", "3001:4000"))
      .says("5 OK done\r\n6 OK done\r\n7 OK done\r\n" + gives(1001, "one") + "8 OK done\r\n")
      .expects(asks("9", "1:3,6:1000"))
      .says("9 OK done\r\n");
  EXPECT_THAT(received(server, {{1, 4000}}, nullptr, &none),
              ElementsAre("4:four@10", "5:five@10", "1001:one@10", "1002 withheld: it is too large (2147 MB)"));
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

// A proxy, a virus scanner or a broken cache cuts it off; Exchange tells sizes that are only near.
TEST(ImapStream, ATextShorterThanItsSizeIsAskedForOnceMore) {
  const std::string date = "\"01-Jan-1970 00:00:10 +0000\"", text(300, 'x');
  EXPECT_THAT(received(hello()
                           .expects(asks("1", "4:6"))
                           .says(gives(4, text.substr(0, 200), date, 300) + gives(5, "five", date, 400) +
                                 gives(6, "a\nb\n", date, 6) + "1 OK done\r\n")
                           .expects(asks("2", "4:5"))
                           .says(gives(4, text, date, 300) + gives(5, "five", date, 400) + "2 OK done\r\n"),
                       {{4, 6}}),
              ElementsAre("6:a\nb\n@10", "4:" + text + "@10", "5:five@10"));
  // Shorter each time, and each time otherwise: it is not taken.
  EXPECT_THAT(received(hello()
                           .expects(asks("1", "4"))
                           .says(gives(4, text.substr(0, 200), date, 300) + "1 OK done\r\n")
                           .expects(asks("2", "4"))
                           .says(gives(4, text.substr(0, 100), date, 300) + "2 OK done\r\n"),
                       {{4, 4}}),
              ElementsAre());
}

TEST(ImapStream, AServerThatCountsRoughlyIsSoonBelieved) {
  std::string three;
  for (int uid = 1; uid < 4; ++uid) three += gives(uid, "text", "\"01-Jan-1970 00:00:10 +0000\"", 9);
  const auto four = gives(4, "four", "\"01-Jan-1970 00:00:10 +0000\"", 9);
  EXPECT_THAT(received(hello()
                           .expects(asks("1", "1:4"))
                           .says(three + "1 OK some\r\n")
                           .expects(asks("2", "1:3") + asks("3", "4"))
                           .says(three + "2 OK done\r\n" + four + "3 OK done\r\n"),
                       {{1, 4}}),
              ElementsAre("1:text@10", "2:text@10", "3:text@10", "4:four@10"));
}

// How many commands it takes, of a server that refuses each with one of these messages in it.
struct Asked {
  std::size_t commands = 0;
  imap::UidSet given, refused;
  std::string failure;
};
Asked ask_all(const imap::UidSet& wanted, const imap::UidSet& bad) {
  Asked out;
  mirror::UidParts parts("there", wanted);
  const auto ok = imap::StatusResponse::ok("done"), no = imap::StatusResponse::no("no");
  try {
    while (!parts.empty()) {
      const auto part = parts.next();
      const bool refused = !part.intersect(bad).empty();
      ++out.commands;
      if (!refused) out.given.add(part);
      parts.answered(part, refused ? part : imap::UidSet(), refused ? no : ok);
    }
  } catch (const mirror::MailboxFailure& failure) {
    out.failure = failure.what();
  }
  out.refused = parts.refused();
  return out;
}

TEST(UidParts, ABadMessageIsFoundByHalves) {
  const imap::UidSet wanted{{1, 100'000}}, bad{{777, 777}, {5000, 5003}};
  const auto out = ask_all(wanted, bad);
  EXPECT_EQ(out.failure, "");
  EXPECT_EQ(out.refused, bad);
  EXPECT_EQ(out.given, wanted.minus(bad));
  EXPECT_LT(out.commands, 100u);
}

TEST(UidParts, AServerThatRefusesEverythingIsNotAskedForEachMessage) {
  const imap::UidSet wanted{{1, 100'000}};
  const auto out = ask_all(wanted, wanted);
  EXPECT_THAT(out.failure, HasSubstr("there does not give messages"));
  EXPECT_LT(out.commands, 60u);
  EXPECT_TRUE(out.given.empty());
}

// Some are held each time, and the others come nearer.
TEST(UidParts, ManyBadMessagesAreFoundBitByBit) {
  imap::UidSet wanted{{1, 1000}}, bad{{1, 300}};
  for (int passes = 0; passes < 30; ++passes) {
    const auto out = ask_all(wanted, bad);
    EXPECT_LT(out.commands, 400u);
    wanted = wanted.minus(out.given).minus(out.refused);
    ASSERT_TRUE(!out.given.empty() || wanted.empty()) << passes;
    if (wanted.empty()) return;
  }
  ADD_FAILURE() << "without end";
}

}  // namespace
}  // namespace tests
