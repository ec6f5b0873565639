// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// ImapStream: which of many messages are too large to be asked for.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/sync/imap/stream_conversation.h"

namespace tests {
namespace {

using testing::ElementsAre;
using testing::ElementsAreArray;

std::string asks_large(const std::string& tag, const std::string& uids) {
  return tag + " UID SEARCH UID " + uids + " LARGER 1073741824\r\n";
}

// Each of these messages as it is given, and as it comes.
std::string gives_each(const std::vector<int>& uids) {
  std::string out;
  for (const auto uid : uids) out += gives(uid, "m");
  return out;
}
std::vector<std::string> each(const std::vector<int>& uids, const std::string& last) {
  std::vector<std::string> out;
  for (const auto uid : uids) out.push_back(std::to_string(uid) + ":m@10");
  out.push_back(last);
  return out;
}

// One line tells which of many are too large; only their sizes are asked for.
TEST(LargeMessages, OfManyMessagesTheLargeOnesAreSearchedFor) {
  const mirror::KnownSizes none;
  for (const std::string answer :
       {"* SEARCH 5 6 77\r\n", "* SEARCH 5\r\n* SEARCH 6\r\n", "* ESEARCH (TAG \"1\") UID ALL 5:6\r\n"})
    EXPECT_THAT(received(hello()
                             .expects(asks_large("1", "1:9"))
                             .says(answer + "1 OK done\r\n")
                             .expects(asks("2", "1:4,7:9") + asks_sizes("3", "5:6"))
                             .says(gives_each({1, 2, 3, 4, 7, 8, 9}) + "2 OK done\r\n" + has_size(5, 3'000'000'000) +
                                   has_size(6, 7) + "3 OK done\r\n")
                             .expects(asks("4", "6"))
                             .says(gives_each({6}) + "4 OK done\r\n"),
                         {{1, 9}}, nullptr, &none),
                ElementsAreArray(each({1, 2, 3, 4, 7, 8, 9, 6}, "5 withheld: it is too large (3000 MB)")))
        << answer;
}

// Also where it answers for some of them alone (MESSAGELIMIT).
TEST(LargeMessages, WhereSearchDoesNotAnswerTheSizesAreAskedFor) {
  const mirror::KnownSizes none;
  for (const std::string answer :
       {"1 NO no searches\r\n", "1 BAD what?\r\n", "1 OK nothing\r\n", "* SEARCH\r\n1 OK [MESSAGELIMIT 5 5] some\r\n"})
    EXPECT_THAT(received(hello()
                             .expects(asks_large("1", "1:9"))
                             .says(answer)
                             .expects(asks_sizes("2", "1:9"))
                             .says(has_size(5, 3'000'000'000) + "2 OK done\r\n")
                             .expects(asks("3", "1:4,6:9"))
                             .says(gives_each({1, 2, 3, 4, 6, 7, 8, 9}) + "3 OK done\r\n"),
                         {{1, 9}}, nullptr, &none),
                ElementsAreArray(each({1, 2, 3, 4, 6, 7, 8, 9}, "5 withheld: it is too large (3000 MB)")))
        << answer;
}

// The server may have to read the messages to know: it is asked about some hundred at a time.
TEST(LargeMessages, LargeOnesAreSearchedForALittleAhead) {
  const mirror::KnownSizes none;
  const std::string nothing = "* SEARCH\r\n";
  auto server = hello();
  server
      .expects(asks_large("1", "1:1000") + asks_large("2", "1001:2000") + asks_large("3", "2001:3000") +
               asks_large("4", "3001:4000"))
      .says(nothing + "1 OK done\r\n")
      .expects(asks("5", "1:1000"))
      .says(nothing + "2 OK done\r\n" + nothing + "3 OK done\r\n" + nothing + "4 OK done\r\n" + gives(1, "one"))
      .expects(asks("6", "1001:2000") + asks("7", "2001:3000") + asks("8", "3001:4000"))
      .says("5 OK done\r\n6 OK done\r\n7 OK done\r\n8 OK done\r\n")
      .expects(asks("9", "2:1000"))
      .says("9 OK done\r\n");
  EXPECT_THAT(received(server, {{1, 4000}}, nullptr, &none), ElementsAre("1:one@10"));
}

// Dovecot begins with the next commands while the output of one waits: answers come one between the other. So do texts
// between the sizes of others, from a server that searches for none.
TEST(LargeMessages, TextsThatComeAmongTheSizesOfOthers) {
  const mirror::KnownSizes none;
  auto server = hello();
  server
      .expects(asks_large("1", "1:1000") + asks_large("2", "1001:2000") + asks_large("3", "2001:3000") +
               asks_large("4", "3001:4000"))
      .says("1 NO\r\n")
      .expects(asks_sizes("5", "1:1000"))
      .says("2 NO\r\n3 NO\r\n4 NO\r\n" + has_size(3, 4))
      .expects(asks_sizes("6", "1001:2000") + asks_sizes("7", "2001:3000") + asks_sizes("8", "3001:4000"))
      .says(has_size(4, 4) + "5 OK done\r\n")
      .expects(asks("9", "1:1000"))
      .says(has_size(1001, 3) + gives(4, "four") + has_size(1002, 1ull << 31) + gives(5, "five") + "6 OK done\r\n")
      .says("7 OK done\r\n8 OK done\r\n")
      .expects(asks("10", "1001,1003:2000") + asks("11", "2001:3000") + asks("12", "3001:4000"))
      .says("9 OK done\r\n10 OK done\r\n11 OK done\r\n" + gives(1001, "one") + "12 OK done\r\n")
      .expects(asks("13", "1:3,6:1000"))
      .says("13 OK done\r\n");
  EXPECT_THAT(received(server, {{1, 4000}}, nullptr, &none),
              ElementsAre("4:four@10", "5:five@10", "1001:one@10", "1002 withheld: it is too large (2147 MB)"));
}

// The same between searches.
TEST(LargeMessages, TextsThatComeAmongSearches) {
  const mirror::KnownSizes none;
  auto server = hello();
  server.expects(asks_large("1", "1:1000") + asks_large("2", "1001:1010"))
      .says("* SEARCH\r\n1 OK done\r\n")
      .expects(asks("3", "1:1000"))
      .says(gives(4, "m") + "* SEARCH 1002\r\n" + gives(5, "m") + "2 OK done\r\n" + gives(6, "m"))
      .expects(asks("4", "1001,1003:1010") + asks_sizes("5", "1002"))
      .says("3 OK done\r\n" + gives_each({1001, 1003, 1004, 1005, 1006, 1007, 1008, 1009, 1010}) + "4 OK done\r\n" +
            has_size(1002, 1ull << 31) + "5 OK done\r\n")
      .expects(asks("6", "1:3,7:1000"))
      .says("6 OK done\r\n");
  EXPECT_THAT(received(server, {{1, 1010}}, nullptr, &none),
              ElementsAreArray(each({4, 5, 6, 1001, 1003, 1004, 1005, 1006, 1007, 1008, 1009, 1010},
                                    "1002 withheld: it is too large (2147 MB)")));
}

}  // namespace
}  // namespace tests
