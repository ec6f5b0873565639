// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// restrict_plan: what a mode forbids is no longer in the plan, and the base is what the other side has.
#include "sync/mode.h"

#include <gtest/gtest.h>

namespace tests {
namespace {

using imap::Flag;
using imap::FlagSet;
using imap::Uid;
using imap::UidSet;
using mirror::Mode;
using mirror::Permits;
using mirror::Side;

// 1 and 101 are alike; 2 was flagged here, 103 was seen there; 4 is gone here, 105 there; 6 is new here, 107 there.
class Modes : public testing::Test {
 protected:
  void restrict(const Permits& permits) {
    for (std::uint32_t i = 1; i <= 5; ++i) base_.put({Uid(i), Uid(100 + i), {}, 0});
    local_.present = {{Uid(2), {Flag::Flagged}}, {Uid(6), {}}};
    local_.vanished.add(Uid(4));
    remote_.present = {{Uid(103), {Flag::Seen}}, {Uid(107), {}}};
    remote_.vanished.add(Uid(105));
    plan_ = reconcile(base_, local_, remote_);
    withheld_ = restrict_plan(plan_, base_, permits);
  }
  void restrict(Mode mode) { restrict(Permits::of(mode)); }
  std::string flags(Side side) const {
    std::string out;
    for (const auto& action : plan_.flags)
      if (action.side == side)
        out += (action.change == imap::FlagChange::Add ? "+" : "-") +
               std::string(action.flags.has(Flag::Seen) ? "S" : "F") + action.uids.to_string();
    return out;
  }
  std::string agreed() const {
    std::string out;
    for (const auto& one : plan_.agreed)
      out += std::to_string(one.remote.value) + (one.flags.has(Flag::Seen) ? "S" : "") +
             (one.flags.has(Flag::Flagged) ? "F" : "") + " ";
    return out;
  }

  mirror::PairTable base_;
  mirror::SideChanges local_, remote_;
  mirror::Plan plan_;
  mirror::Withheld withheld_;
};

TEST_F(Modes, BothForbidsNothing) {
  restrict(Mode::Both);
  EXPECT_EQ(plan_.copy_from_local.to_string() + " " + plan_.copy_from_remote.to_string(), "6 107");
  EXPECT_EQ(plan_.expunge_local.to_string() + " " + plan_.expunge_remote.to_string(), "5 104");
  EXPECT_EQ(flags(Side::Local) + " " + flags(Side::Remote), "+S3 +F102");
  EXPECT_FALSE(withheld_.any());
}

TEST_F(Modes, BackupOnlyFetchesAndRemovesNothing) {
  restrict(Mode::Backup);
  EXPECT_FALSE(plan_.changes(Side::Remote));
  EXPECT_EQ(plan_.copy_from_remote.to_string(), "107");
  EXPECT_TRUE(plan_.expunge_local.empty());
  EXPECT_TRUE(plan_.forget.empty());  // what is gone here is not fetched again
  EXPECT_EQ(flags(Side::Local), "+S3");
  EXPECT_EQ(agreed(), "103S ");  // of 2 it is agreed what there is
  EXPECT_EQ(withheld_.remote.messages, 1u);
  EXPECT_EQ(withheld_.remote.removals, 1u);
  EXPECT_EQ(withheld_.remote.flags, 1u);
  EXPECT_EQ(withheld_.local.removals, 1u);
}

TEST_F(Modes, MirrorPutsBackWhatDiffersHere) {
  restrict(Mode::Mirror);
  EXPECT_FALSE(plan_.changes(Side::Remote));
  EXPECT_EQ(plan_.copy_from_remote.to_string(), "104,107");
  EXPECT_EQ(plan_.expunge_local.to_string(), "5");
  EXPECT_EQ(plan_.discard_local.to_string(), "6");
  EXPECT_EQ(flags(Side::Local), "+S3-F2");
  EXPECT_EQ(plan_.forget, std::vector<Uid>{Uid(105)});
  EXPECT_FALSE(withheld_.any());
}

TEST_F(Modes, SendOnlySends) {
  restrict(Mode::Send);
  EXPECT_FALSE(plan_.changes(Side::Local));
  EXPECT_EQ(plan_.copy_from_local.to_string(), "6");
  EXPECT_EQ(plan_.expunge_remote.to_string(), "104");
  EXPECT_EQ(plan_.forget, std::vector<Uid>{Uid(104)});  // what is gone there is not sent again
  EXPECT_EQ(flags(Side::Remote), "+F102");
  EXPECT_EQ(withheld_.local.messages, 1u);
  EXPECT_EQ(withheld_.local.flags, 1u);
}

// What is agreed of a message is followed further: a flag that is taken away there is taken away here.
TEST_F(Modes, AForbiddenChangeDoesNotStopAnother) {
  base_.put({Uid(1), Uid(101), {Flag::Seen}, 0});
  local_.present = {{Uid(1), {Flag::Seen, Flag::Flagged}}};
  remote_.present = {{Uid(101), {}}};
  plan_ = reconcile(base_, local_, remote_);
  restrict_plan(plan_, base_, Permits::of(Mode::Backup));
  EXPECT_EQ(flags(Side::Local), "-S1");
  EXPECT_EQ(agreed(), "101 ");
}

TEST_F(Modes, WordsAndModes) {
  for (const auto mode : {Mode::Both, Mode::Mirror, Mode::Backup, Mode::Send})
    EXPECT_EQ(mirror::mode_of(mirror::name_of(mode)), mode);
  EXPECT_FALSE(mirror::mode_of("Both"));
  EXPECT_FALSE(mirror::mode_of(""));
}

}  // namespace
}  // namespace tests
