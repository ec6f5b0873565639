// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// reconcile: a table of everything that can have happened to one message on two sides; merge_flags over all bits.
#include "sync/reconcile.h"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <string>

namespace tests {
namespace {

using imap::Flag;
using imap::FlagSet;
using imap::Uid;
using mirror::Pair;
using mirror::PairTable;
using mirror::Plan;
using mirror::Side;
using mirror::SideChanges;

std::string shown(const FlagSet& flags) {
  std::string out;
  if (flags.has(Flag::Seen)) out += 'S';
  if (flags.has(Flag::Flagged)) out += 'F';
  for (const auto& keyword : flags.keywords()) out += keyword;
  return out;
}

// "copy< 7" takes a message from the remote side, "copy> 7" sends it there; "del<", "flag<" change the local side.
std::string shown(const Plan& plan) {
  std::string out;
  const auto say = [&](const std::string& what) { out += (out.empty() ? "" : "; ") + what; };
  if (!plan.copy_from_remote.empty()) say("copy< " + plan.copy_from_remote.to_string());
  if (!plan.copy_from_local.empty()) say("copy> " + plan.copy_from_local.to_string());
  for (const auto& action : plan.flags)
    say(std::string("flag") + (action.side == Side::Local ? "< " : "> ") + action.uids.to_string() +
        (action.change == imap::FlagChange::Add ? "+" : "-") + shown(action.flags));
  for (const auto& agreed : plan.agreed) say("agreed " + std::to_string(agreed.remote.value) + shown(agreed.flags));
  if (!plan.expunge_local.empty()) say("del< " + plan.expunge_local.to_string());
  if (!plan.expunge_remote.empty()) say("del> " + plan.expunge_remote.to_string());
  for (const auto uid : plan.forget) say("forget " + std::to_string(uid.value));
  return out;
}

// What a side says of the one message: "" nothing, "gone", or its flags ("-": none).
SideChanges says(const std::string& what, Uid uid, bool complete) {
  SideChanges out;
  out.complete = complete;
  if (what == "gone") {
    if (!complete) out.vanished.add(uid);
    return out;
  }
  if (what.empty()) return out;
  FlagSet flags;
  for (const char c : what) {
    if (c == 'S') flags.add(Flag::Seen);
    if (c == 'F') flags.add(Flag::Flagged);
    if (c == 'k') flags.add("k");
  }
  out.present.push_back({uid, flags});
  return out;
}

struct Row {
  const char *base, *local, *remote, *plan;  // base "no": not known to either
};

// Local UID 4, remote UID 7.
const Row kRows[] = {
    // New on one side, on both (not the same message, as far as is known), or nowhere.
    {"no", "", "", ""},
    {"no", "S", "", "copy> 4"},
    {"no", "", "F", "copy< 7"},
    {"no", "S", "F", "copy< 7; copy> 4"},
    {"no", "gone", "", ""},
    {"no", "", "gone", ""},
    {"no", "gone", "F", "copy< 7"},
    {"no", "S", "gone", "copy> 4"},
    // Nothing has changed, whoever says so.
    {"S", "", "", ""},
    {"S", "S", "", ""},
    {"S", "S", "S", ""},
    // Flags of one side.
    {"-", "S", "", "flag> 7+S; agreed 7S"},
    {"-", "", "S", "flag< 4+S; agreed 7S"},
    {"-", "S", "-", "flag> 7+S; agreed 7S"},
    {"S", "-", "", "flag> 7-S; agreed 7"},
    {"S", "", "F", "flag< 4+F; flag< 4-S; agreed 7F"},
    {"S", "S", "-", "flag< 4-S; agreed 7"},
    {"-", "k", "", "flag> 7+k; agreed 7k"},
    {"k", "", "-", "flag< 4-k; agreed 7"},
    // Flags of both: each on its own.
    {"-", "S", "F", "flag< 4+F; flag> 7+S; agreed 7SF"},
    {"S", "SF", "-", "flag< 4-S; flag> 7+F; agreed 7F"},
    {"-", "S", "S", "agreed 7S"},
    {"SF", "-", "-", "agreed 7"},
    {"S", "-", "F", "flag< 4+F; agreed 7F"},
    // Vanished: deleting beats changing.
    {"S", "gone", "", "del> 7; forget 7"},
    {"S", "", "gone", "del< 4; forget 7"},
    {"S", "gone", "SF", "del> 7; forget 7"},
    {"S", "F", "gone", "del< 4; forget 7"},
    {"S", "gone", "gone", "forget 7"},
};

TEST(Reconcile, EverythingThatCanHappenToAMessage) {
  for (const auto& row : kRows) {
    PairTable base;
    if (std::string(row.base) != "no") {
      const auto flags = says(row.base, Uid(1), false).present.front().flags;
      base.put({Uid(4), Uid(7), flags});
    }
    const auto local = says(row.local, Uid(4), false), remote = says(row.remote, Uid(7), false);
    EXPECT_EQ(shown(reconcile(base, local, remote)), row.plan) << row.base << "|" << row.local << "|" << row.remote;
    // A listing that is complete says the same by what it leaves out.
    if (*row.local == 0 || *row.remote == 0) continue;
    const auto all_local = says(row.local, Uid(4), true), all_remote = says(row.remote, Uid(7), true);
    EXPECT_EQ(shown(reconcile(base, all_local, all_remote)), row.plan)
        << "complete " << row.base << "|" << row.local << "|" << row.remote;
  }
}

// The other way round, everything is the other way round.
TEST(Reconcile, NoSideIsBetter) {
  const auto turned = [](const Plan& plan) {
    Plan out;
    out.copy_from_local = plan.copy_from_remote;
    out.copy_from_remote = plan.copy_from_local;
    out.expunge_local = plan.expunge_remote;
    out.expunge_remote = plan.expunge_local;
    std::map<std::string, mirror::FlagAction> sorted;
    for (auto action : plan.flags) {
      action.side = other(action.side);
      sorted[(action.side == Side::Local ? "l" : "r") + std::to_string(static_cast<int>(action.change)) +
             shown(action.flags)] = action;
    }
    for (auto& [key, action] : sorted) out.flags.push_back(action);
    return out;
  };
  for (const auto& row : kRows) {
    PairTable base;
    if (std::string(row.base) != "no") base.put({Uid(5), Uid(5), says(row.base, Uid(1), false).present.front().flags});
    const auto one = says(row.local, Uid(5), false), two = says(row.remote, Uid(5), false);
    auto there = reconcile(base, one, two), back = turned(reconcile(base, two, one));
    there.agreed.clear();
    there.forget.clear();
    EXPECT_EQ(shown(turned(turned(there))), shown(back)) << row.base << "|" << row.local << "|" << row.remote;
  }
}

TEST(Reconcile, ASideHasNoOpinionAboutWhatItCannotKeep) {
  PairTable base;
  FlagSet flags{Flag::Seen};
  flags.add("k");
  base.put({Uid(4), Uid(7), flags});
  auto remote = says("S", Uid(7), false);  // "k" is not there, since it never could be
  remote.keeps_any_keyword = false;
  EXPECT_EQ(shown(reconcile(base, {}, remote)), "");
  remote.present.front().flags = {};
  remote.keepable = {};
  EXPECT_EQ(shown(reconcile(base, {}, remote)), "");
  // Nor is it told, until it can.
  remote = says("", Uid(7), false);
  remote.keeps_any_keyword = false;
  EXPECT_EQ(shown(reconcile(base, says("S", Uid(4), false), remote)), "");
  EXPECT_EQ(shown(reconcile(base, says("SFk", Uid(4), false), remote)), "flag> 7+F; agreed 7SFk");
  remote = says("Sk", Uid(7), false);
  EXPECT_EQ(shown(reconcile(base, says("S", Uid(4), false), remote)), "flag> 7-k; agreed 7S");
}

TEST(Reconcile, WhatAReadOnlyMailboxShowsIsTrue) {
  PairTable base;
  base.put({Uid(4), Uid(7), {Flag::Seen}});
  auto remote = says("F", Uid(7), false);
  remote.read_only = true;
  remote.keepable = {};
  remote.keeps_any_keyword = false;
  EXPECT_EQ(shown(reconcile(base, {}, remote)), "flag< 4+F; flag< 4-S; agreed 7F");
  // What is changed here waits until it takes changes again.
  remote = says("S", Uid(7), false);
  remote.read_only = true;
  remote.keepable = {};
  remote.keeps_any_keyword = false;
  EXPECT_EQ(shown(reconcile(base, says("Fk", Uid(4), false), remote)), "");
  EXPECT_EQ(shown(reconcile(base, says("Fk", Uid(4), false), {})), "flag> 7+Fk; flag> 7-S; agreed 7Fk");
}

TEST(Reconcile, EqualChangesBecomeOneAction) {
  PairTable base;
  SideChanges local;
  for (std::uint32_t i = 1; i <= 1000; ++i) {
    base.put({Uid(i), Uid(i + 5000), {}});
    local.present.push_back({Uid(i), {Flag::Seen}});
  }
  const auto plan = reconcile(base, local, {});
  ASSERT_EQ(plan.flags.size(), 1u);
  EXPECT_EQ(plan.flags.front().uids.to_string(), "5001:6000");
  EXPECT_EQ(plan.agreed.size(), 1000u);
  EXPECT_TRUE(plan.changes(Side::Remote));
  EXPECT_FALSE(plan.changes(Side::Local));
}

TEST(Reconcile, AVanishedSetMayNameWhatNeverWas) {
  PairTable base;
  base.put({Uid(4), Uid(7), {}});
  SideChanges remote;
  remote.vanished = imap::UidSet::between(Uid(1), Uid(0xffffffffu));
  EXPECT_EQ(shown(reconcile(base, {}, remote)), "del< 4; forget 7");
}

TEST(MergeFlags, EveryCombinationOfThreeBits) {
  constexpr std::array<Flag, 3> kBits{Flag::Seen, Flag::Flagged, Flag::Deleted};
  const auto set_of = [&](unsigned bits, bool keywords) {
    FlagSet out;
    for (std::size_t i = 0; i < kBits.size(); ++i) {
      if (!(bits >> i & 1)) continue;
      if (keywords)
        out.add(std::string(1, static_cast<char>('a' + i)));
      else
        out.add(kBits[i]);
    }
    return out;
  };
  for (const bool keywords : {false, true})
    for (unsigned b = 0; b < 8; ++b)
      for (unsigned l = 0; l < 8; ++l)
        for (unsigned r = 0; r < 8; ++r) {
          unsigned expected = 0;
          for (unsigned bit = 1; bit < 8; bit <<= 1) {
            const bool changed_here = (l ^ b) & bit, changed_there = (r ^ b) & bit;
            const bool flipped = changed_here || changed_there;
            if (((b & bit) != 0) != flipped) expected |= bit;
          }
          EXPECT_EQ(mirror::merge_flags(set_of(b, keywords), set_of(l, keywords), set_of(r, keywords)),
                    set_of(expected, keywords))
              << b << l << r;
        }
}

TEST(PairTable, AgainstTwoMaps) {
  std::mt19937 random(1);
  PairTable table;
  std::map<std::uint32_t, Pair> by_remote;
  for (int i = 0; i < 20000; ++i) {
    const Uid local(1 + random() % 40), remote(1 + random() % 40);
    if (random() % 3 == 0) {
      table.erase_remote(remote);
      by_remote.erase(remote.value);
    } else {
      std::erase_if(by_remote, [&](const auto& entry) { return entry.second.local == local; });
      by_remote[remote.value] = {local, remote, random() % 2 ? FlagSet{Flag::Seen} : FlagSet{}};
      table.put(by_remote[remote.value]);
    }
    ASSERT_EQ(table.size(), by_remote.size());
    imap::UidSet locals, remotes;
    for (const auto& [uid, pair] : by_remote) {
      locals.add(pair.local);
      remotes.add(pair.remote);
      ASSERT_NE(table.find(Side::Local, pair.local), nullptr);
      ASSERT_EQ(*table.find(Side::Local, pair.local), pair);
      ASSERT_EQ(*table.find(Side::Remote, pair.remote), pair);
    }
    ASSERT_EQ(table.uids(Side::Local), locals);
    ASSERT_EQ(table.uids(Side::Remote), remotes);
  }
}

// A message that a side does not show, and that it may have, is not gone.
TEST(Reconcile, WhatASideIsUnsureOfStays) {
  PairTable base;
  for (const std::uint32_t n : {1u, 2u, 3u}) base.put({Uid(n), Uid(10 + n), FlagSet()});
  SideChanges local, remote;
  remote.complete = true;
  remote.present.push_back({Uid(11), FlagSet()});
  remote.unsure.add(Uid(12));
  EXPECT_EQ(shown(mirror::reconcile(base, local, remote)), "del< 3; forget 13");
  local.vanished.add(Uid(2));  // but what is said of the other side's is carried over
  EXPECT_EQ(shown(mirror::reconcile(base, local, remote)), "del< 3; del> 12; forget 12; forget 13");
}

}  // namespace
}  // namespace tests
