// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "proto/search/sort_order.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <random>

namespace {

using namespace imap;
using Keys = std::vector<std::uint64_t>;
using Positions = std::vector<std::uint32_t>;

TEST(SortOrder, one_column_keeps_the_order_of_equals) {
  const Keys keys{300, 5, 300, ~0ull, 0, 5};
  const SortColumn up{keys, false}, down{keys, true};
  EXPECT_EQ(sorted_positions(6, {&up, 1}), (Positions{4, 1, 5, 0, 2, 3}));
  EXPECT_EQ(sorted_positions(6, {&down, 1}), (Positions{3, 0, 2, 1, 5, 4}));
  EXPECT_EQ(sorted_positions(3, {}), (Positions{0, 1, 2}));
  EXPECT_TRUE(sorted_positions(0, {}).empty());
}

TEST(SortOrder, the_first_column_decides_then_the_next) {
  const Keys a{1, 1, 0, 0}, b{3, 4, 5, 5};
  const SortColumn columns[] = {{a, false}, {b, true}};
  EXPECT_EQ(sorted_positions(4, columns), (Positions{2, 3, 1, 0}));
}

TEST(SortOrder, is_what_comparing_gives) {
  std::mt19937_64 chance(7);
  for (int round = 0; round < 50; ++round) {
    const std::size_t count = chance() % 500;
    Keys keys[3];
    std::vector<SortColumn> columns;
    for (auto& column : keys) {
      const auto mask = ~0ull >> chance() % 64;
      for (std::size_t i = 0; i < count; ++i) column.push_back(chance() & mask);
      columns.push_back({column, chance() % 2 == 0});
    }
    Positions expected(count);
    std::iota(expected.begin(), expected.end(), 0u);
    std::ranges::sort(expected, [&](auto a, auto b) {
      for (const auto& column : columns)
        if (column.keys[a] != column.keys[b]) return (column.keys[a] < column.keys[b]) != column.reverse;
      return a < b;
    });
    EXPECT_EQ(sorted_positions(count, columns), expected) << round;
  }
}

TEST(SortOrder, ranks_compare_as_texts_do) {
  const std::string_view texts[] = {"b", "", "a", "\xC3\xA4", "b", "ab"};
  EXPECT_EQ(ranks_of(texts), (Keys{3, 0, 1, 4, 3, 2}));
}

}  // namespace
