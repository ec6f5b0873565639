// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// What others have moved on the server: where it is looked for, and what is found.
#include "sync/moves_here.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sync/message_mark.h"

namespace mirror {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

imap::Uid uid(std::uint32_t number) { return imap::Uid(number); }
Identity identity(std::uint32_t number, const char* id, std::uint64_t size = 10, std::int64_t date = 7) {
  return {uid(number), {}, size, date, id};
}

Counted counted(const char* name, std::uint32_t messages, std::uint32_t now, std::uint32_t come,
                std::uint64_t modseq = 9) {
  Counted out{MailboxPath(name), {imap::UidValidity(1), uid(100), imap::ModSeq(modseq), messages}, {}};
  out.now = {imap::UidValidity(1), uid(100 + come), imap::ModSeq(modseq), now};
  return out;
}

std::vector<std::string> looked_at(const std::vector<Counted>& mailboxes) {
  std::vector<std::string> out;
  for (const auto& path : worth_a_look(mailboxes)) out.push_back(path.shown());
  return out;
}

TEST(WorthALook, WhereSomethingWentAndSomethingCameElsewhere) {
  EXPECT_THAT(looked_at({counted("to", 5, 6, 1), counted("quiet", 5, 5, 0), counted("from", 5, 4, 0)}),
              ElementsAre("from", "to"));
  EXPECT_THAT(looked_at({counted("to", 5, 6, 1), counted("both", 5, 5, 1)}), ElementsAre("both", "to"));
  EXPECT_THAT(looked_at({counted("one", 5, 5, 1), counted("two", 5, 5, 1)}), ElementsAre("one", "two"));
}

TEST(WorthALook, AlsoAtAMailboxThatIsNewThere) {
  Counted fresh{MailboxPath("fresh"), {}, {imap::UidValidity(1), uid(50), imap::ModSeq(9), 3}};
  EXPECT_EQ(fresh.grown(), 3u);
  EXPECT_EQ(fresh.lost(), 0u);
  EXPECT_THAT(looked_at({counted("from", 5, 2, 0), fresh}), ElementsAre("from", "fresh"));
  EXPECT_THAT(looked_at({counted("quiet", 5, 5, 0), fresh}), IsEmpty());
}

TEST(WorthALook, NotWhereNothingCanHaveMoved) {
  EXPECT_THAT(looked_at({}), IsEmpty());
  EXPECT_THAT(looked_at({counted("from", 5, 4, 0), counted("quiet", 5, 5, 0)}), IsEmpty());
  EXPECT_THAT(looked_at({counted("to", 5, 6, 1), counted("too", 5, 6, 1)}), IsEmpty());
  EXPECT_THAT(looked_at({counted("INBOX", 5, 5, 1), counted("quiet", 5, 5, 0)}), IsEmpty());
}

TEST(WorthALook, NotWhereItCostsMoreThanItSaves) {
  EXPECT_THAT(looked_at({counted("from", 5, 4, 0), counted("lists", 5, 1005, 1000)}), IsEmpty());
  EXPECT_THAT(looked_at({counted("from", 100, 60, 0), counted("lists", 5, 1005, 1000)}), ElementsAre("from", "lists"));
  EXPECT_THAT(looked_at({counted("from", 90'000, 89'999, 0, 0), counted("to", 5, 6, 1, 0)}), IsEmpty());
  EXPECT_THAT(looked_at({counted("from", 90'000, 89'000, 0, 0), counted("to", 5, 1005, 1000, 0)}),
              ElementsAre("from", "to"));
}

std::vector<std::string> matched(const std::vector<LostThere>& lost, const std::vector<NewThere>& come) {
  std::vector<std::string> out;
  for (const auto& one : match_moves(lost, come))
    out.push_back(std::to_string(one.from.pair.local.value) + " is " + std::to_string(one.to.there.uid.value));
  return out;
}

LostThere lost(const char* mailbox, std::uint32_t number, Identity here) {
  here.uid = uid(number);
  return {MailboxPath(mailbox), MailboxPath(mailbox), {uid(number), uid(number + 100), {}, 0}, std::move(here)};
}
NewThere come(const char* mailbox, Identity there) { return {MailboxPath(mailbox), std::move(there)}; }

TEST(MatchMoves, ByMessageIdSizeAndDate) {
  EXPECT_THAT(matched({lost("a", 1, identity(0, "x"))}, {come("b", identity(5, "x"))}), ElementsAre("1 is 5"));
  EXPECT_THAT(matched({lost("a", 1, identity(0, "x"))}, {come("b", identity(5, "y"))}), IsEmpty());
  EXPECT_THAT(matched({lost("a", 1, identity(0, "x"))}, {come("b", identity(5, "x", 11))}), IsEmpty());
  EXPECT_THAT(matched({lost("a", 1, identity(0, "x"))}, {come("b", identity(5, "x", 10, 8))}), IsEmpty());
  EXPECT_THAT(matched({lost("a", 1, identity(0, ""))}, {come("b", identity(5, ""))}), IsEmpty());
}

TEST(MatchMoves, NotWhereTwoAreAlike) {
  EXPECT_THAT(matched({lost("a", 1, identity(0, "x")), lost("c", 2, identity(0, "x"))}, {come("b", identity(5, "x"))}),
              IsEmpty());
  EXPECT_THAT(matched({lost("a", 1, identity(0, "x"))}, {come("b", identity(5, "x")), come("c", identity(6, "x"))}),
              IsEmpty());
}

Identity called(const char* object_id, std::uint32_t number, const char* id, std::uint64_t size = 10) {
  auto out = identity(number, id, size);
  out.object_id = object_id;
  return out;
}

TEST(MatchMoves, ByWhatTheServerCallsIt) {
  const auto one = [](const Identity& gone, const Identity& arrived) {
    return matched({lost("a", 1, gone)}, {come("b", arrived)});
  };
  EXPECT_THAT(one(called("M1", 0, "x", 10), called("M1", 5, "x", 11)), ElementsAre("1 is 5"));  // it counts roughly
  EXPECT_THAT(one(called("M1", 0, "x"), called("M2", 5, "x")), IsEmpty());  // another message of the same looks
  EXPECT_THAT(one(called("M1", 0, "x"), called("M1", 5, "y")), IsEmpty());  // a server that calls all of them so
  EXPECT_THAT(one(called("M1", 0, ""), called("M1", 5, "")), ElementsAre("1 is 5"));
  EXPECT_THAT(one(called("M1", 0, ""), called("M1", 5, "", 11)), IsEmpty());
  EXPECT_THAT(one(called("M1", 0, "x"), identity(5, "x")), ElementsAre("1 is 5"));  // it is not told of one
  EXPECT_THAT(one(identity(0, "x"), called("M1", 5, "x")), ElementsAre("1 is 5"));
}

TEST(MatchMoves, WhatTheServerCallsItTellsTwoThatLookAlike) {
  EXPECT_THAT(matched({lost("a", 1, called("M1", 0, "x")), lost("a", 2, called("M2", 0, "x"))},
                      {come("b", called("M2", 5, "x")), come("b", called("M1", 6, "x"))}),
              ElementsAre("1 is 6", "2 is 5"));
  EXPECT_THAT(
      matched({lost("a", 1, called("M1", 0, "x"))}, {come("b", called("M1", 5, "x")), come("c", called("M1", 6, "x"))}),
      IsEmpty());
}

TEST(MatchMoves, NoDraftsUnlessTheServerKnowsThem) {
  const auto draft = [](Identity one) {
    one.flags.add(imap::Flag::Draft);
    return one;
  };
  auto known = lost("a", 1, identity(0, "x"));
  known.pair.flags.add(imap::Flag::Draft);
  EXPECT_THAT(matched({known}, {come("b", identity(5, "x"))}), IsEmpty());
  EXPECT_THAT(matched({lost("a", 1, draft(identity(0, "x")))}, {come("b", identity(5, "x"))}), ElementsAre("1 is 5"));
  EXPECT_THAT(matched({lost("a", 1, identity(0, "x"))}, {come("b", draft(identity(5, "x")))}), IsEmpty());
  EXPECT_THAT(matched({lost("a", 1, called("M1", 0, "x"))}, {come("b", draft(called("M1", 5, "x")))}),
              ElementsAre("1 is 5"));
}

TEST(MatchMoves, InDoubtWhereAnotherOneIsStillHere) {
  const auto found = match_moves({lost("a", 1, identity(0, "x")), lost("a", 2, identity(0, "y"))},
                                 {come("b", identity(5, "x")), come("b", identity(6, "y"))}, {mark_of("y")});
  ASSERT_EQ(found.size(), 2u);
  EXPECT_FALSE(found[0].in_doubt);
  EXPECT_TRUE(found[1].in_doubt);
}

TEST(MatchMoves, NotWithinAMailbox) {
  EXPECT_THAT(matched({lost("a", 1, identity(0, "x"))}, {come("a", identity(5, "x"))}), IsEmpty());
}

TEST(MatchMoves, ThoseOfTwoMailboxesTogetherAscending) {
  EXPECT_THAT(matched({lost("a", 2, identity(0, "y")), lost("c", 3, identity(0, "z")), lost("a", 1, identity(0, "x"))},
                      {come("b", identity(7, "x")), come("b", identity(6, "y")), come("b", identity(5, "z"))}),
              ElementsAre("1 is 7", "2 is 6", "3 is 5"));
}

}  // namespace
}  // namespace mirror
