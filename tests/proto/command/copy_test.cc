// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "tests/support/command_text.h"

namespace {

using namespace imap;
using tests::expect_both_ways;
using tests::expect_malformed;

MessageSet numbers(std::initializer_list<SequenceSet::Range> ranges, MessageSet::By by = MessageSet::By::Number) {
  return {by, {std::vector<SequenceSet::Range>(ranges), false}};
}

TEST(Copy, both_ways) {
  expect_both_ways("COPY 2:4 MEETING", CopyCommand{numbers({{2, 4}}), MailboxName("MEETING")});
  expect_both_ways("UID COPY 7,9:*,* \"a b\"",
                   CopyCommand{numbers({{7, 7}, {9, 0}, {0, 0}}, MessageSet::By::Uid), MailboxName("a b")});
  expect_both_ways("uid copy *:4 &AOQ-", CopyCommand{numbers({{0, 4}}, MessageSet::By::Uid), MailboxName("\xc3\xa4")},
                   "UID COPY *:4 &AOQ-");
  expect_both_ways("COPY $ a", CopyCommand{{MessageSet::By::Number, {{}, true}}, MailboxName("a")});
}

TEST(Copy, malformed) {
  expect_malformed({"COPY", "COPY 1", "COPY 1 ", "COPY 0 a", "COPY 1, a", "COPY ,1 a", "COPY 1:2:3 a",
                    "COPY 4294967296 a", "COPY 1 a b", "COPY a 1", "COPY -1 a", "COPY $,1 a", "COPY 1,$ a", "UID COPY",
                    "UID  COPY 1 a", "UIDCOPY 1 a", "COPY 1 &AGE-", "COPY 1 &AOQ", "COPY 1 {2+}\r\n\xff\xfe"});
}

TEST(Move, both_ways) {
  expect_both_ways("MOVE 1 Trash", MoveCommand{numbers({{1, 1}}), MailboxName("Trash")});
  expect_both_ways("UID MOVE 1:5,8 Trash",
                   MoveCommand{numbers({{1, 5}, {8, 8}}, MessageSet::By::Uid), MailboxName("Trash")});
  expect_malformed({"MOVE", "MOVE 1", "MOVE 1 a b", "UID MOVE 0 a"});
}

}  // namespace
