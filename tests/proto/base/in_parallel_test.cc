// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "proto/base/in_parallel.h"

#include <gtest/gtest.h>

#include <atomic>
#include <stdexcept>
#include <vector>

namespace {

TEST(InParallel, DoesEachThingOnceInPartsThatFollowEachOther) {
  for (const std::size_t count : {0u, 1u, 3u, 4u, 1000u})
    for (const std::size_t threads : {1u, 2u, 4u}) {
      std::vector<int> done(count);
      std::vector<std::size_t> begins(threads), ends(threads);
      base::in_parallel(count, threads, [&](std::size_t part, std::size_t begin, std::size_t end) {
        begins[part] = begin, ends[part] = end;
        for (auto i = begin; i < end; ++i) ++done[i];
      });
      EXPECT_EQ(done, std::vector<int>(count, 1));
      for (std::size_t part = 1; part < threads; ++part) EXPECT_EQ(begins[part], ends[part - 1]);
    }
}

TEST(InParallel, ThrowsOnceAllHaveEnded) {
  std::atomic<int> ended = 0;
  EXPECT_THROW(base::in_parallel(4, 4,
                                 [&](std::size_t part, std::size_t, std::size_t) {
                                   if (part == 2) throw std::runtime_error("2");
                                   ++ended;
                                 }),
               std::runtime_error);
  EXPECT_EQ(ended, 3);
}

TEST(InParallel, TakesThreadsWhereTheyAreWorthIt) {
  EXPECT_EQ(base::threads_for(0, 2000), 1u);
  EXPECT_EQ(base::threads_for(3999, 2000), 1u);
  EXPECT_LE(base::threads_for(1'000'000'000, 1), 4u);
}

}  // namespace
