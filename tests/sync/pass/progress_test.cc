// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// How far a pass is: messages count when they have come, though they are kept batch by batch.
#include <gmock/gmock.h>

#include "tests/sync/pass/pass_fixture.h"

namespace tests {
namespace {

using PassProgressTest = PassTest;

TEST_F(PassProgressTest, WhatHasComeCountsBeforeItsBatchIsKeptAndNothingGoesBack) {
  for (int i = 10; i < 30; ++i) remote_.append("INBOX", letter("a" + std::to_string(i), "t" + std::to_string(i)));
  local_.append("INBOX", letter("here", "one"));
  mirror::Journal journal(make_disk_storage(disk_, fuse_), "account");
  mirror::PassContext context{journal, workers_, progress_, {}, tries_held_};
  std::vector<std::uint64_t> seen;
  progress_.changed = [&] { seen.push_back(progress_.copied()); };
  EXPECT_TRUE(run_pass(context, local_, remote_, {[](const mirror::MailboxPath&) { return true; }, false}));
  EXPECT_THAT(seen, testing::IsSupersetOf({1u, 5u, 10u, 20u}));
  EXPECT_TRUE(std::ranges::is_sorted(seen));
  EXPECT_EQ(seen.back(), 21u);
  EXPECT_EQ(progress_.in_hand, 0u);
  EXPECT_EQ(progress_.counts.copied_to_local, 20u);
}

}  // namespace
}  // namespace tests
