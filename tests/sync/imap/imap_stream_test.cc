// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Messages as servers give them: twice, not at all, in pieces, empty, with dates that are none.
#include "sync/imap/imap_stream.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "proto/base/clock.h"
#include "sync/imap/uid_parts.h"
#include "tests/sync/imap/stream_conversation.h"

namespace tests {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(ImapStream, AMessageThatComesTwiceIsOne) {
  EXPECT_THAT(received(hello()
                           .expects(asks("1", "4:5"))
                           .says(gives(4, "four") + gives(5, "five") + gives(4, "four") + gives(4, "else") +
                                 "* 1 FETCH (UID 5 FLAGS (\\Seen))\r\n1 OK done\r\n"),
                       {{4, 5}}),
              ElementsAre("4:four@10", "5:five@10"));
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
