// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// What is copied or moved on both sides between two passes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sync/message_mark.h"
#include "sync/moves.h"
#include "sync/moves_here.h"

namespace mirror {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

imap::Uid uid(std::uint32_t number) { return imap::Uid(number); }
Identity identity(std::uint32_t number, const char* id, std::uint64_t size = 10, std::int64_t date = 7) {
  return {uid(number), {}, size, date, id};
}
CopyThere copy(std::uint32_t number, std::uint64_t mark = 0) {
  return {{MailboxPath("b"), uid(number)}, MailboxPath("a"), {uid(1), uid(101), {}, mark}};
}

TEST(MadeByOthers, ByMessageIdSizeAndDate) {
  const auto met = [](std::uint64_t mark, const Identity& here, const Identity& come) {
    return made_by_others({copy(5, mark)}, {here}, {come});
  };
  EXPECT_THAT(met(0, identity(5, "x"), identity(9, "x")), ElementsAre(Pair(uid(5), uid(9))));
  EXPECT_THAT(met(mark_of("x"), identity(5, "x"), identity(9, "x")), ElementsAre(Pair(uid(5), uid(9))));
  EXPECT_THAT(met(mark_of("y"), identity(5, "x"), identity(9, "x")), IsEmpty());  // it is no copy of that
  EXPECT_THAT(met(0, identity(5, "x"), identity(9, "y")), IsEmpty());
  EXPECT_THAT(met(0, identity(5, "x"), identity(9, "x", 11)), IsEmpty());
  EXPECT_THAT(met(0, identity(5, "x"), identity(9, "x", 10, 8)), IsEmpty());
  EXPECT_THAT(met(0, identity(5, ""), identity(9, "")), IsEmpty());
  EXPECT_THAT(met(0, identity(6, "x"), identity(9, "x")), IsEmpty());  // it is gone meanwhile
}

TEST(MadeByOthers, NotWhereTwoAreAlike) {
  EXPECT_THAT(made_by_others({copy(5)}, {identity(5, "x")}, {identity(9, "x"), identity(10, "x")}), IsEmpty());
  EXPECT_THAT(made_by_others({copy(5), copy(6)}, {identity(5, "x"), identity(6, "x")}, {identity(9, "x")}), IsEmpty());
}

// It is in "b" here; its twin was in "a", and has come to "c".
TEST(MatchMoves, WhatWasMovedElsewhereHere) {
  const LostThere moved{MailboxPath("b"), MailboxPath("a"), {uid(5), uid(101), {}, 0}, identity(5, "x")};
  const auto found = match_moves({moved}, {{MailboxPath("c"), identity(9, "x")}});
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].from.mailbox, MailboxPath("b"));
  EXPECT_EQ(found[0].from.twin_in, MailboxPath("a"));
  EXPECT_EQ(found[0].to.mailbox, MailboxPath("c"));
}

}  // namespace
}  // namespace mirror
