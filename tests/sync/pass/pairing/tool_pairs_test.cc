// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// What another synchroniser has left, in a first pass: what it says is believed as far as the messages confirm it, and
// no state that is wrong, old or another account's ever removes anything.
#include <gmock/gmock.h>

#include "tests/sync/pass/pairing/tool_pairs_fixture.h"

namespace tests {
namespace {

using imap::Flag;
using imap::Uid;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST_F(ToolPairs, ArePairedAndTheStateIsReadOnce) {
  EXPECT_TRUE(pass()) << problems();
  EXPECT_EQ(copied(), 0u);
  EXPECT_EQ(progress_.counts.paired, 5u);
  EXPECT_THAT(progress_.told, IsEmpty());
  EXPECT_THAT(states_.used, ElementsAre("INBOX"));
  EXPECT_TRUE(pass());
  EXPECT_FALSE(progress_.counts.any());
}

TEST_F(ToolPairs, WhatWasRemovedHereSinceIsRemovedThereAfterItsTime) {
  lose_here(2);
  pass();
  EXPECT_EQ(progress_.waiting, 1u);
  EXPECT_THAT(told(), HasSubstr("INBOX: 1 message had been removed here since mbsync ran last"));
  EXPECT_EQ(copied(), 0u);
  EXPECT_THAT(texts(remote_), ElementsAre("fiv", "fou", "one", "thr", "two"));
  now_ += 61;
  EXPECT_TRUE(pass()) << problems();
  EXPECT_THAT(texts(remote_), ElementsAre("fiv", "fou", "one", "thr"));
  EXPECT_THAT(texts(local_), ElementsAre("fiv", "fou", "one", "thr"));
}

TEST_F(ToolPairs, WhatWasRemovedThereSinceIsRemovedHere) {
  remote_.expunge("INBOX", Uid(4));
  EXPECT_TRUE(pass()) << problems();
  EXPECT_THAT(texts(local_), ElementsAre("fiv", "one", "thr", "two"));
  EXPECT_THAT(told(), HasSubstr("1 message had been removed on the server since mbsync ran last"));
}

TEST_F(ToolPairs, AFileThatMayBeAnotherOneIsHeld) {
  remote_.expunge("INBOX", Uid(4));
  state().pairs[3].doubtful = true;
  EXPECT_FALSE(pass() && progress_.held == 0);
  EXPECT_EQ(progress_.held, 1u);
  EXPECT_THAT(texts(local_), ElementsAre("fiv", "fou", "one", "thr", "two"));
  EXPECT_EQ(copied(), 0u);
}

TEST_F(ToolPairs, WhatWasRemovedOnBothSidesIsForgotten) {
  lose_here(2);
  remote_.expunge("INBOX", Uid(2));
  EXPECT_TRUE(pass()) << problems();
  EXPECT_FALSE(progress_.waiting);
  EXPECT_EQ(copied(), 0u);
}

TEST_F(ToolPairs, FlagsThatWereTakenAwaySinceAreTakenAway) {
  for (const auto uid : {1u, 2u}) state().pairs[uid - 1].flags = imap::FlagSet{Flag::Seen};
  local_.change_flags("INBOX", Uid(1), imap::FlagChange::Add, {Flag::Seen});
  remote_.change_flags("INBOX", Uid(2), imap::FlagChange::Add, {Flag::Seen});
  EXPECT_TRUE(pass()) << problems();
  for (auto* side : {&local_, &remote_})
    for (const auto& one : side->letters("INBOX")) EXPECT_TRUE(one.flags.empty());
}

// All of these: two removed on either side, and nothing of it is believed: both come back, nothing is removed.
class WrongState : public ToolPairs {
 protected:
  void expect_nothing_removed(const char* why, const char* said = "") {
    lose_here(2);
    remote_.expunge("INBOX", Uid(4));
    pass();
    EXPECT_THAT(told(), HasSubstr(said));
    now_ += 3600;
    pass();
    EXPECT_THAT(texts(remote_), ElementsAre("fiv", "fou", "one", "thr", "two")) << why;
    EXPECT_THAT(texts(local_), ElementsAre("fiv", "fou", "one", "thr", "two")) << why;
    EXPECT_EQ(progress_.held + progress_.waiting, 0u) << why;
  }
};

TEST_F(WrongState, OfAnotherUidValidityThere) {
  state().there = imap::UidValidity(4711);
  expect_nothing_removed("there",
                         "what mbsync knew of it (/state) is not used: it is about another mailbox on the server");
}

TEST_F(WrongState, OfAnotherUidValidityHere) {
  state().here = imap::UidValidity(4711);
  expect_nothing_removed("here", "it is about another mailbox here");
}

TEST_F(WrongState, Damaged) {
  state().damage = "it is cut off";
  expect_nothing_removed("damaged", "is not used: it is cut off");
}

TEST_F(WrongState, AheadOfTheServer) {
  state().pairs.push_back(pair(std::nullopt, 6));
  expect_nothing_removed("ahead", "the server has not had yet");
}

TEST_F(WrongState, OnePairOfTwoDifferentMessages) {
  std::swap(state().pairs[0].there, state().pairs[2].there);
  expect_nothing_removed("swapped", "would be paired with another one");
}

TEST_F(WrongState, NothingConfirmsIt) {
  std::erase_if(state().pairs, [](const auto& pair) { return pair.there != Uid(2) && pair.there != Uid(4); });
  expect_nothing_removed("unconfirmed");
}

TEST_F(WrongState, OfAToolThatWasCutOff) {
  state().proves_removals = false;
  expect_nothing_removed("cut off");
}

TEST_F(WrongState, ThatWasUsedBefore) {
  states_.used.insert("INBOX");
  expect_nothing_removed("used");
}

TEST_F(ToolPairs, AnEmptiedMailboxRemovesNothing) {
  for (std::uint32_t uid = 1; uid <= 5; ++uid) lose_here(uid);
  pass();
  now_ += 3600;
  pass();
  EXPECT_EQ(texts(remote_).size(), 5u);
}

TEST_F(ToolPairs, ManyRemovalsAreHeldByTheFuse) {
  for (int i = 0; i < 40; ++i) {
    const auto id = std::to_string(100 + i);
    local_.append("INBOX", letter(id, id, 5000));
    remote_.append("INBOX", letter(id, id, 1000));
    const auto uid = 6 + static_cast<std::uint32_t>(i);
    state().pairs.push_back(pair(uid, uid));
  }
  for (std::uint32_t uid = 10; uid < 32; ++uid) lose_here(uid);
  pass();
  EXPECT_EQ(progress_.held, 22u);
  now_ += 3600;
  pass();
  EXPECT_EQ(texts(remote_).size(), 45u);
  EXPECT_EQ(texts(local_).size(), 23u);
}

TEST_F(ToolPairs, APlanRemembersNothing) {
  lose_here(2);
  pass(true);
  EXPECT_THAT(states_.used, IsEmpty());
}

}  // namespace
}  // namespace tests
