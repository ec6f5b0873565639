// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// What a copy or a move on one side means for the other: a row a rule.
#include "sync/moves.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sync/message_mark.h"

namespace mirror {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

imap::Uid uid(std::uint32_t number) { return imap::Uid(number); }
MessagePlace place(const char* mailbox, std::uint32_t number) { return {MailboxPath(mailbox), uid(number)}; }

class PlanCopies : public testing::Test {
 protected:
  PlanCopies() {
    for (const char* name : {"a", "b", "c"}) of(name);
    pair("a", 1);
  }
  MailboxFacts& of(const char* mailbox) { return facts_[MailboxPath(mailbox)]; }
  // Its UID there is 100 more.
  void pair(const char* mailbox, std::uint32_t here) {
    of(mailbox).pairs[uid(here)] = {uid(here), uid(here + 100), {}, 0};
  }
  void note(MessagePlace copy, MessagePlace original, bool is_there = true) {
    if (is_there) facts_[copy.mailbox].fresh.add(copy.uid);
    if (is_there) facts_[copy.mailbox].unpaired.add(copy.uid);
    notes_.push_back({copy, original});
  }
  void removed(const char* mailbox, std::uint32_t number) { of(mailbox).removed.add(uid(number)); }
  // "copy a/101 b/5": what is done there, and for which message here.
  std::vector<std::string> plan() const {
    std::vector<std::string> out;
    for (const auto& one : plan_copies(notes_, facts_))
      out.push_back(std::string(one.stays()                  ? "stay "
                                : one.manner == Manner::Move ? "move "
                                                             : "copy ") +
                    one.mailbox.shown() + '/' + std::to_string(one.original.remote.value) + ' ' +
                    one.copy.mailbox.shown() + '/' + std::to_string(one.copy.uid.value));
    return out;
  }
  std::map<MailboxPath, MailboxFacts> facts_;
  std::vector<NotedCopy> notes_;
};

TEST_F(PlanCopies, ACopyOfWhatIsStillHere) {
  note(place("b", 5), place("a", 1));
  EXPECT_THAT(plan(), ElementsAre("copy a/101 b/5"));
}

TEST_F(PlanCopies, WhatAClientHasRemovedIsMoved) {
  note(place("b", 5), place("a", 1));
  removed("a", 1);
  EXPECT_THAT(plan(), ElementsAre("move a/101 b/5"));
}

TEST_F(PlanCopies, OneOfSeveralCopiesIsTheMoveAndComesLast) {
  note(place("b", 5), place("a", 1));
  note(place("c", 6), place("a", 1));
  note(place("b", 7), place("a", 1));
  removed("a", 1);
  EXPECT_THAT(plan(), ElementsAre("copy a/101 b/7", "copy a/101 c/6", "move a/101 b/5"));
}

TEST_F(PlanCopies, AChainIsFollowedToWhatBothSidesHave) {
  note(place("b", 5), place("a", 1), false);
  note(place("c", 6), place("b", 5));
  removed("a", 1);
  EXPECT_THAT(plan(), ElementsAre("move a/101 c/6"));
}

TEST_F(PlanCopies, AChainEndsWhereNothingIsKnown) {
  note(place("b", 5), place("a", 2), false);
  note(place("c", 6), place("b", 5));
  note(place("c", 7), place("elsewhere", 1));
  EXPECT_THAT(plan(), IsEmpty());
}

TEST_F(PlanCopies, ALoopOfNotesEnds) {
  note(place("b", 5), place("c", 6));
  note(place("c", 6), place("b", 5));
  EXPECT_THAT(plan(), IsEmpty());
}

TEST_F(PlanCopies, ThereAndBackStaysWhereItIs) {
  note(place("b", 5), place("a", 1), false);
  note(place("a", 2), place("b", 5));
  removed("a", 1);
  EXPECT_THAT(plan(), ElementsAre("stay a/101 a/2"));
}

TEST_F(PlanCopies, WhatIsNotNewHereIsLeftAlone) {
  note(place("b", 5), place("a", 1), false);
  note(place("elsewhere", 5), place("a", 1));
  facts_.erase(MailboxPath("elsewhere"));
  EXPECT_THAT(plan(), IsEmpty());
}

TEST_F(PlanCopies, AMailboxThatSendsNothingGetsNothing) {
  note(place("b", 5), place("a", 1));
  of("b").permits = Permits::of(Mode::Backup);
  EXPECT_THAT(plan(), IsEmpty());
}

TEST_F(PlanCopies, WhereNothingMayBeRemovedThereAMoveIsACopy) {
  note(place("b", 5), place("a", 1));
  removed("a", 1);
  of("a").permits = Permits::of(Mode::Backup);
  EXPECT_THAT(plan(), ElementsAre("copy a/101 b/5"));
}

TEST_F(PlanCopies, AnotherCopyWillDoWhereTheOriginalIsNotThereAnyMore) {
  of("a").pairs.clear();
  note(place("b", 5), place("a", 1));
  note(place("c", 6), place("a", 1), false);
  EXPECT_THAT(plan(), IsEmpty());
  pair("c", 6);
  removed("c", 6);
  EXPECT_THAT(plan(), ElementsAre("move c/106 b/5"));
  of("c").removed = {};
  EXPECT_THAT(plan(), ElementsAre("copy c/106 b/5"));
}

// Of which messages "a/1 b/2": mailbox and UID here.
std::string shown(const std::map<MailboxPath, imap::UidSet>& messages) {
  std::string out;
  for (const auto& [mailbox, uids] : messages)
    uids.for_each([&](imap::Uid uid) { out += mailbox.shown() + '/' + std::to_string(uid.value) + ' '; });
  return out;
}

class KeptOriginals : public PlanCopies {
 protected:
  std::string kept() const { return shown(kept_originals(notes_, facts_)); }
  std::string forgotten() const {
    std::map<MailboxPath, imap::UidSet> out;
    for (const auto& note : needless(notes_, facts_)) out[note.copy.mailbox].add(note.copy.uid);
    return shown(out);
  }
  void arrives(const char* mailbox, std::uint32_t number) {
    pair(mailbox, number);
    of(mailbox).unpaired.remove(uid(number));
  }
};

TEST_F(KeptOriginals, StayUntilTheirCopyIsThere) {
  note(place("b", 5), place("a", 1));
  EXPECT_EQ(kept(), "a/1 ");
  EXPECT_EQ(forgotten(), "");
  arrives("b", 5);
  EXPECT_EQ(kept(), "");
  EXPECT_EQ(forgotten(), "b/5 ");
}

TEST_F(KeptOriginals, OfWhatIsBegunToo) {
  note(place("b", 5), place("a", 1));
  of("b").fresh = {};
  EXPECT_THAT(plan(), IsEmpty());
  EXPECT_EQ(kept(), "a/1 ");
  EXPECT_EQ(forgotten(), "");
}

TEST_F(KeptOriginals, GoWhenOneCopyIsThere) {
  note(place("b", 5), place("a", 1));
  note(place("c", 6), place("a", 1));
  arrives("c", 6);
  EXPECT_EQ(kept(), "");
  EXPECT_EQ(forgotten(), "c/6 ");
}

TEST_F(KeptOriginals, GoWhenTheCopyIsGone) {
  note(place("b", 5), place("a", 1), false);
  EXPECT_EQ(kept(), "");
  EXPECT_EQ(forgotten(), "b/5 ");
}

TEST_F(KeptOriginals, AlongAChain) {
  note(place("b", 5), place("a", 1), false);
  note(place("c", 6), place("b", 5));
  EXPECT_EQ(kept(), "a/1 ");
  EXPECT_EQ(forgotten(), "");
  arrives("c", 6);
  EXPECT_EQ(kept(), "");
  EXPECT_EQ(forgotten(), "b/5 c/6 ");
}

TEST_F(KeptOriginals, NotForACopyThatIsNotToBeSent) {
  note(place("b", 5), place("a", 1));
  of("b").permits = Permits::of(Mode::Backup);
  EXPECT_EQ(kept(), "");
  EXPECT_EQ(forgotten(), "b/5 ");
}

TEST_F(KeptOriginals, OutOfAMailboxThatIsDeletedHere) {
  note(place("b", 5), {unlisted_mailbox("id"), uid(1)}, false);
  note(place("c", 6), place("b", 5));
  EXPECT_TRUE(is_all_that_is_left(notes_, facts_));
  EXPECT_EQ(kept(), "");
  arrives("c", 6);
  EXPECT_FALSE(is_all_that_is_left(notes_, facts_));
}

TEST_F(KeptOriginals, ALoopOfNotesEnds) {
  note(place("b", 5), place("c", 6));
  note(place("c", 6), place("b", 5));
  EXPECT_FALSE(is_all_that_is_left(notes_, facts_));
  EXPECT_EQ(kept() + forgotten(), "");
}

Identity identity(std::uint32_t number, const char* id, std::uint64_t size = 10, std::int64_t date = 7) {
  return {uid(number), {}, size, date, id};
}

TEST(IsOriginal, ByWhatWasPairedAndMessageId) {
  const Pair known{uid(1), uid(2), {}, mark_of("x")}, nameless{uid(1), uid(2), {}, 0};
  EXPECT_TRUE(is_original(known, identity(2, "x"), identity(5, "x", 11, 8)));
  EXPECT_FALSE(is_original(known, identity(2, "y"), identity(5, "y")));  // another message in its place
  EXPECT_FALSE(is_original(known, identity(2, "x"), identity(5, "y")));
  EXPECT_TRUE(is_original(nameless, identity(2, ""), identity(5, "")));
  EXPECT_FALSE(is_original(nameless, identity(2, "", 11), identity(5, "")));
  EXPECT_FALSE(is_original(nameless, identity(2, "", 10, 8), identity(5, "")));
}

TEST(IsOriginal, OfWhatNobodyHasSaidBySizeAndDateToo) {
  CopyThere copy{place("b", 5), MailboxPath("a"), {uid(1), uid(2), {}, mark_of("x")}};
  EXPECT_TRUE(is_original_of(copy, identity(2, "x"), identity(5, "x", 11, 8)));
  copy.is_told = false;
  EXPECT_TRUE(is_original_of(copy, identity(2, "x"), identity(5, "x")));
  EXPECT_FALSE(is_original_of(copy, identity(2, "x"), identity(5, "x", 11)));
  EXPECT_FALSE(is_original_of(copy, identity(2, "x"), identity(5, "x", 10, 8)));
  EXPECT_FALSE(is_original_of(copy, identity(2, "y"), identity(5, "y")));
}

}  // namespace
}  // namespace mirror
