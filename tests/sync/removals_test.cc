// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// weigh_removals: what is removed at once, what waits, what is held.
#include "sync/removals.h"

#include <gtest/gtest.h>

namespace tests {
namespace {

using imap::Uid;
using imap::UidSet;
using mirror::Absence;
using mirror::Losses;
using mirror::Side;
using Kind = mirror::Absence::Kind;

constexpr std::int64_t kNow = 1'000'000;

class Removals : public testing::Test {
 protected:
  // Messages 1 to `count` here are 1001 to … there.
  void have(std::uint32_t count) {
    for (std::uint32_t i = 1; i <= count; ++i) base_.put({Uid(i), Uid(1000 + i), {}, 0});
    rules_.now = kNow;
    rules_.local = {.fuse = {}, .wait = 60, .holds_emptied = true};
    rules_.remote = {.fuse = {}};
  }
  UidSet between(std::uint32_t first, std::uint32_t last) { return UidSet::between(Uid(first), Uid(last)); }
  void lose_here(std::uint32_t first, std::uint32_t last) { local_.vanished.add(between(first, last)); }
  void lose_there(std::uint32_t first, std::uint32_t last) { remote_.vanished.add(between(1000 + first, 1000 + last)); }

  // As a pass does, which is told of a loss once.
  void weigh() {
    mirror::recall_absences(absences_, Side::Local, local_);
    mirror::recall_absences(absences_, Side::Remote, remote_);
    plan_ = reconcile(base_, local_, remote_);
    weighed_ = weigh_removals(plan_, base_, local_, remote_, rules_, absences_);
    for (const auto uid : plan_.forget) base_.erase_remote(uid);
    local_ = remote_ = {};
  }
  void expect_removed(std::uint64_t there, std::uint64_t here) {
    EXPECT_EQ(plan_.expunge_remote.size(), there);
    EXPECT_EQ(plan_.expunge_local.size(), here);
    EXPECT_EQ(plan_.forget.size(), there + here);
  }

  mirror::PairTable base_;
  mirror::SideChanges local_, remote_;
  mirror::RemovalRules rules_;
  mirror::Absences absences_;
  mirror::Plan plan_;
  mirror::Weighed weighed_;
};

TEST_F(Removals, WhatAClientHasSaidGoesAtOnceHoweverMuchItIs) {
  have(100);
  lose_here(1, 100);
  local_.said = between(1, 100);
  weigh();
  expect_removed(100, 0);
  EXPECT_EQ(weighed_.local.held + weighed_.local.waiting, 0u);
  EXPECT_TRUE(absences_.empty());
}

TEST_F(Removals, WhatHasACopyOfWhichTheOtherSideHasNothingStaysUntilItHas) {
  have(100);
  lose_here(1, 100);
  local_.said = between(1, 100);
  local_.leaving = between(1, 40);
  weigh();
  expect_removed(60, 0);
  EXPECT_EQ(weighed_.local.held + weighed_.local.waiting, 0u);
  ASSERT_EQ(absences_.size(), 40u);
  EXPECT_EQ(absences_.at({Side::Local, Uid(40)}), (Absence{Kind::Leaves, kNow}));
  local_.leaving = between(1, 40);
  weigh();
  expect_removed(0, 0);
  EXPECT_TRUE(weighed_.changed.empty());
  local_.leaving = between(1, 10);
  weigh();
  expect_removed(30, 0);  // however much it is: it was said
}

TEST_F(Removals, WhatWasOnlySeenWaitsAlsoWhenItsCopyIsThere) {
  have(100);
  lose_here(5, 6);
  local_.leaving = between(5, 6);
  weigh();
  expect_removed(0, 0);
  rules_.now += 59;
  weigh();
  expect_removed(0, 0);
  EXPECT_EQ(weighed_.local.waiting, 2u);
  rules_.now += 1;
  weigh();
  expect_removed(2, 0);
}

TEST_F(Removals, WhatIsOnlyGoneWaitsAMinute) {
  have(100);
  lose_here(5, 6);
  weigh();
  expect_removed(0, 0);
  EXPECT_EQ(weighed_.local.waiting, 2u);
  EXPECT_EQ(weighed_.changed.size(), 2u);
  rules_.now += 59;
  weigh();
  expect_removed(0, 0);
  EXPECT_TRUE(weighed_.changed.empty()) << "nothing new is to be written down";
  rules_.now += 1;
  weigh();
  expect_removed(2, 0);
}

TEST_F(Removals, WhatIsThereAgainIsNoLoss) {
  have(100);
  lose_here(5, 6);
  weigh();
  local_.present = {{Uid(5), {}}};
  rules_.now += 60;
  weigh();
  expect_removed(1, 0);
  EXPECT_EQ(weighed_.over, (std::vector<std::pair<Side, Uid>>{{Side::Local, Uid(5)}}));
}

TEST_F(Removals, AClockThatWasSetBackMakesItWaitAnew) {
  have(100);
  lose_here(5, 5);
  weigh();
  rules_.now -= 86'400;
  weigh();
  expect_removed(0, 0);
  rules_.now += 60;
  weigh();
  expect_removed(1, 0);
}

TEST_F(Removals, TheFuseHoldsAllOfAMailboxUntilItIsAllowed) {
  have(100);
  lose_here(1, 10);
  weigh();
  lose_here(11, 21);
  weigh();
  EXPECT_EQ(weighed_.local.held, 21u) << "also those that waited";
  EXPECT_EQ(weighed_.local.why, Losses::Why::Fuse);
  rules_.now += 86'400 * 365;
  weigh();
  expect_removed(0, 0);
  for (auto& [key, absence] : absences_) absence.kind = Kind::Allowed;
  weigh();
  expect_removed(21, 0);
}

TEST_F(Removals, WhatIsHeldStaysSoWhereTheMailboxHasGrownMeanwhile) {
  have(30);
  lose_here(1, 25);
  weigh();
  for (std::uint32_t i = 31; i <= 1000; ++i) base_.put({Uid(i), Uid(1000 + i), {}, 0});
  rules_.now += 3600;
  weigh();
  expect_removed(0, 0);
  EXPECT_EQ(weighed_.local.held, 25u);
}

TEST_F(Removals, TheFuseIsBothANumberAndAShare) {
  have(1000);
  lose_here(1, 200);  // many, and not more than a fifth
  weigh();
  EXPECT_EQ(weighed_.local.waiting, 200u);
  absences_.clear();
  base_ = {};
  have(21);
  lose_here(1, 20);  // nearly all, and not more than twenty
  weigh();
  EXPECT_EQ(weighed_.local.waiting, 20u);
}

TEST_F(Removals, AMailboxWithNothingLeftIsHeldHoweverSmall) {
  have(3);
  lose_here(1, 3);
  weigh();
  EXPECT_EQ(weighed_.local.held, 3u);
  EXPECT_EQ(weighed_.local.why, Losses::Why::Emptied);
}

TEST_F(Removals, TheRestOfAMailboxAfterAClientHasExpungedSomeIsHeldToo) {
  have(30);
  lose_here(1, 30);
  local_.said = between(1, 25);
  weigh();
  expect_removed(25, 0);
  EXPECT_EQ(weighed_.local.held, 5u);
}

TEST_F(Removals, AServersLossesDoNotWaitAndFallUnderTheFuse) {
  have(100);
  lose_there(1, 20);
  weigh();
  expect_removed(0, 20);
  lose_there(21, 60);
  weigh();
  expect_removed(0, 0);
  EXPECT_EQ(weighed_.remote.held, 40u);
}

TEST_F(Removals, ACompleteListingThatLacksEverythingRemovesNothing) {
  have(500);
  remote_.complete = true;
  weigh();
  expect_removed(0, 0);
  EXPECT_EQ(weighed_.remote.held, 500u);
}

TEST_F(Removals, WhatBothSidesHaveLostIsForgotten) {
  have(100);
  lose_here(1, 50);
  weigh();
  lose_there(1, 50);
  weigh();
  EXPECT_EQ(plan_.forget.size(), 50u);
  EXPECT_EQ(weighed_.local.held + weighed_.remote.held, 0u);
}

TEST_F(Removals, WithoutAFuseNothingIsHeld) {
  have(100);
  rules_.remote.fuse.off = true;
  lose_there(1, 100);
  weigh();
  expect_removed(0, 100);
}

TEST_F(Removals, AnAccountThatHasLostTooMuchHoldsWhatIsSmallByItself) {
  const auto states = [](std::uint32_t before, std::uint32_t now) {
    mirror::SideState known, is;
    known.messages = before;
    is.messages = now;
    return std::vector(10, std::pair(known, is));
  };
  EXPECT_TRUE(mirror::has_lost_too_much(states(20, 15), {}));
  EXPECT_FALSE(mirror::has_lost_too_much(states(20, 16), {}));
  EXPECT_FALSE(mirror::has_lost_too_much(states(20, 0), {.off = true}));
  have(20);
  rules_.remote.account_lost = true;
  lose_there(1, 5);
  weigh();
  expect_removed(0, 0);
  EXPECT_EQ(weighed_.remote.why, Losses::Why::Account);
}

TEST(DeletedMailboxes, AreDeletedThereWhereThatWasSaidAndNothingElseIsThere) {
  using mirror::DeleteMailboxes;
  using mirror::is_deletion_carried;
  mirror::LostMailbox lost{.told = true, .known = {}, .now = {}, .paired = 100, .account = 1000};
  lost.known = lost.now = {imap::UidValidity(7), Uid(200), imap::ModSeq(9), 100};
  const auto carried = [&](DeleteMailboxes rule = DeleteMailboxes::Ask) { return is_deletion_carried(lost, rule, {}); };
  EXPECT_TRUE(carried());
  EXPECT_FALSE(carried(DeleteMailboxes::No));
  lost.told = false;
  EXPECT_FALSE(carried()) << "it is only gone";
  EXPECT_TRUE(carried(DeleteMailboxes::Yes));
  lost.told = true;
  const auto good = lost;
  lost.now.uid_next = Uid(201);
  EXPECT_FALSE(carried()) << "something has come";
  lost = good;
  lost.now.uid_validity = imap::UidValidity(8);
  EXPECT_FALSE(carried()) << "another mailbox";
  lost = good;
  lost.paired = 99;
  EXPECT_FALSE(carried()) << "one was never here";
  lost = good;
  lost.account = 400;
  EXPECT_FALSE(carried()) << "too much of the account";
}

}  // namespace
}  // namespace tests
