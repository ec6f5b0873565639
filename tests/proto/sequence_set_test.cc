// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "proto/sequence_set.h"

#include <gtest/gtest.h>

#include <random>
#include <set>

namespace {

using imap::SequenceSet;
using imap::Uid;
using imap::UidSet;

std::set<std::uint32_t> members(const UidSet& set) {
  std::set<std::uint32_t> out;
  set.for_each([&](Uid uid) { out.insert(uid.value); });
  return out;
}

// Sorted, disjoint, not even adjacent.
void expect_canonical(const UidSet& set) {
  const auto& ranges = set.ranges();
  for (std::size_t i = 0; i < ranges.size(); ++i) {
    ASSERT_LE(ranges[i].first, ranges[i].last);
    if (i > 0) ASSERT_GT(ranges[i].first, std::uint64_t(ranges[i - 1].last) + 1);
  }
}

TEST(IntervalSet, BehavesAsASetOfNumbers) {
  for (const std::uint32_t base : {1u, 0xFFFFFFFFu - 40}) {
    std::mt19937 random(base);
    const auto number = [&] { return base + static_cast<std::uint32_t>(random() % 41); };
    UidSet a, b;
    std::set<std::uint32_t> model_a, model_b;
    for (int step = 0; step < 60000; ++step) {
      auto& set = random() % 2 ? a : b;
      auto& model = &set == &a ? model_a : model_b;
      const auto x = number(), y = number();
      switch (random() % 8) {
        case 0:
          set.add(Uid(x), Uid(y));
          for (std::uint64_t v = std::min(x, y); v <= std::max(x, y); ++v) model.insert(static_cast<std::uint32_t>(v));
          break;
        case 1:
        case 2:
          set.add(Uid(x));
          model.insert(x);
          break;
        case 3:
        case 4:
          set.remove(Uid(x));
          model.erase(x);
          break;
        case 5: {
          const auto less = UidSet::between(Uid(x), Uid(y));
          set = set.minus(less);
          if (x <= y) model.erase(model.lower_bound(x), model.upper_bound(y));
          break;
        }
        case 6:
          if (random() % 20 == 0) {
            set = {};
            model.clear();
          }
          break;
        default: {
          auto both = a;
          both.add(b);
          auto model_both = model_a;
          model_both.insert(model_b.begin(), model_b.end());
          ASSERT_EQ(members(both), model_both);
          std::set<std::uint32_t> only_a, common;
          for (const auto v : model_a) (model_b.contains(v) ? common : only_a).insert(v);
          ASSERT_EQ(members(a.minus(b)), only_a);
          ASSERT_EQ(members(a.intersect(b)), common);
          ASSERT_EQ(a.intersect(b), b.intersect(a));
          for (const auto& set_made : {both, a.minus(b), a.intersect(b)}) expect_canonical(set_made);
        }
      }
      ASSERT_NO_FATAL_FAILURE(expect_canonical(set));
      ASSERT_EQ(members(set), model);
      ASSERT_EQ(set.size(), model.size());
      ASSERT_EQ(set.empty(), model.empty());
      ASSERT_EQ(set.contains(Uid(x)), model.contains(x));
      if (!model.empty()) {
        ASSERT_EQ(set.min(), Uid(*model.begin()));
        ASSERT_EQ(set.max(), Uid(*model.rbegin()));
      }
    }
  }
}

TEST(IntervalSet, Text) {
  EXPECT_EQ(UidSet().to_string(), "");
  EXPECT_EQ((UidSet{{1, 1}, {3, 5}, {6, 7}}).to_string(), "1,3:7");
  EXPECT_EQ((UidSet{{1, 0xFFFFFFFF}}).to_string(), "1:4294967295");
  EXPECT_EQ((UidSet{{1, 0xFFFFFFFF}}).size(), 0xFFFFFFFFull);
}

TEST(SequenceSet, ResolvesTheStar) {
  const SequenceSet all{{{1, 0}}, false}, star{{{0, 0}}, false}, beyond{{{20, 0}}, false},
      mixed{{{4, 2}, {7, 7}}, false};
  EXPECT_EQ(all.resolve(Uid(9)), (UidSet{{1, 9}}));
  EXPECT_EQ(all.resolve(Uid(0)), UidSet());
  EXPECT_EQ(star.resolve(Uid(9)), (UidSet{{9, 9}}));
  EXPECT_EQ(beyond.resolve(Uid(9)), (UidSet{{9, 20}}));  // 20:* names the last message, whatever its UID
  EXPECT_EQ(mixed.resolve(Uid(9)), (UidSet{{2, 4}, {7, 7}}));
  EXPECT_EQ(SequenceSet::of(UidSet{{2, 4}, {7, 7}}), (SequenceSet{{{2, 4}, {7, 7}}, false}));
}

}  // namespace
