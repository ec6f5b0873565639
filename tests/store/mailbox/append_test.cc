// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <sys/resource.h>

#include "tests/store/store_case.h"

namespace {

class Append : public tests::StoreCase {};

TEST_F(Append, ManyMessagesAtOnceWantFewDescriptors) {
  open();
  const auto box = mailbox();
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  auto few = before;
  few.rlim_cur = 200;
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &few), 0);
  const auto uids = append(*box, 1500);
  ::setrlimit(RLIMIT_NOFILE, &before);
  EXPECT_EQ(uids.size(), 1500u);
  EXPECT_EQ(content_of(*box, uids.back()), "Subject: 1500\r\n\r\ntext\r\n");
}

}  // namespace
