// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// After a pass in any mode a verification finds no difference, whatever was changed on both sides before.
#include <gtest/gtest.h>

#include <random>

#include "sync/account/compare_sides.h"

namespace tests {
namespace {

using imap::Flag;
using imap::Uid;
using mirror::CheckedSide;
using mirror::Mode;
using mirror::Permits;
using mirror::Side;

class World {
 public:
  explicit World(unsigned seed) : random_(seed) {}

  void change() {
    for (auto side : {Side::Local, Side::Remote}) {
      auto& messages = on(side).messages;
      for (int i = below(4); i > 0; --i) add(side, {});
      for (int i = below(6); i > 0 && !messages.empty(); --i) {
        const auto at = std::next(messages.begin(), below(static_cast<int>(messages.size())));
        const auto flag = below(2) == 0 ? Flag::Seen : Flag::Flagged;
        if (below(3) == 0)
          messages.erase(at);
        else if (at->second.flags.has(flag))
          at->second.flags.remove(flag);
        else
          at->second.flags.add(flag);
      }
    }
  }

  // A pass that lists everything.
  void pass(Mode mode) {
    auto plan = reconcile(pairs_, said(Side::Local), said(Side::Remote));
    restrict_plan(plan, pairs_, Permits::of(mode));
    for (const auto& action : plan.flags)
      action.uids.for_each([&](Uid uid) {
        auto& flags = on(action.side).messages.at(uid).flags;
        action.change == imap::FlagChange::Add ? flags.add(action.flags) : flags.remove(action.flags);
      });
    for (const auto& one : plan.agreed) pairs_.set_flags_by_remote(one.remote, one.flags);
    expunge(Side::Local, plan.expunge_local);
    expunge(Side::Local, plan.discard_local);
    expunge(Side::Remote, plan.expunge_remote);
    for (const auto remote : plan.forget) pairs_.erase_remote(remote);
    copy(plan.copy_from_local, Side::Remote);
    copy(plan.copy_from_remote, Side::Local);
  }

  mirror::Comparison verify(Mode mode) const { return compare_sides({pairs_, Permits::of(mode)}, here_, there_); }

 private:
  CheckedSide& on(Side side) { return side == Side::Local ? here_ : there_; }
  int below(int n) { return static_cast<int>(random_() % static_cast<unsigned>(n)); }
  Uid add(Side side, const imap::FlagSet& flags) {
    const Uid uid(++last_);
    on(side).messages[uid].flags = flags;
    return uid;
  }
  mirror::SideChanges said(Side side) {
    mirror::SideChanges out;
    out.complete = true;
    for (const auto& [uid, message] : on(side).messages) out.present.push_back({uid, message.flags});
    return out;
  }
  void expunge(Side side, const imap::UidSet& uids) {
    uids.for_each([&](Uid uid) { on(side).messages.erase(uid); });
  }
  void copy(const imap::UidSet& uids, Side to) {
    uids.for_each([&](Uid uid) {
      const auto flags = on(other(to)).messages.at(uid).flags;
      pairs_.put(pair_towards(to, uid, add(to, flags), flags));
    });
  }

  std::mt19937 random_;
  std::uint32_t last_ = 0;
  mirror::PairTable pairs_;
  CheckedSide here_, there_;
};

TEST(VerifiedModes, AfterAPassNothingDiffers) {
  for (unsigned seed = 0; seed < 400; ++seed)
    for (const auto mode : {Mode::Both, Mode::Mirror, Mode::Backup, Mode::Send}) {
      World world(seed);
      for (int pass = 0; pass < 4; ++pass) {
        world.change();
        // The first one may be in another mode.
        const auto now = pass == 0 ? Mode(seed % 4) : mode;
        world.pass(now);
        const auto found = world.verify(now);
        ASSERT_EQ(found.differences, std::vector<std::string>())
            << "seed " << seed << ", " << name_of(now) << ", pass " << pass;
        if (now == Mode::Both || now == Mode::Mirror) ASSERT_FALSE(found.withheld.any());
      }
    }
}

TEST(VerifiedModes, WhatAPassWouldDoStillDiffers) {
  for (unsigned seed = 0; seed < 200; ++seed)
    for (const auto mode : {Mode::Both, Mode::Mirror, Mode::Backup, Mode::Send}) {
      World before(seed);
      before.change();
      before.pass(mode);
      before.change();
      auto after = before;
      after.pass(mode);
      const auto open = before.verify(mode), done = after.verify(mode);
      const auto count = [](const mirror::Withheld::OfSide& one) { return one.messages + one.removals + one.flags; };
      // Where nothing is to be done, nothing more is withheld after it; else it was a difference.
      if (open.differences.empty()) {
        EXPECT_EQ(count(open.withheld.local) + count(open.withheld.remote),
                  count(done.withheld.local) + count(done.withheld.remote))
            << seed << ' ' << name_of(mode);
      }
    }
}

}  // namespace
}  // namespace tests
