// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "sync/pass/context/over_quota.h"

#include <gtest/gtest.h>

namespace {

using mirror::OverQuota;
using mirror::Side;
using Ask = OverQuota::Ask;

const OverQuota::Mailbox kInbox{Side::Remote, 1}, kOther{Side::Remote, 2}, kThird{Side::Remote, 3};

TEST(OverQuota, OneMessageAsksAfterARefusal) {
  OverQuota quota;
  EXPECT_EQ(quota.may_send(kInbox, false), Ask::All);
  quota.refused(kInbox);
  EXPECT_EQ(quota.may_send(kInbox, true), Ask::None) << "not twice in a pass";
  EXPECT_EQ(quota.may_send(kOther, true), Ask::One) << "it may have room of its own";
  quota.refused(kOther);
  quota.begin_pass();
  EXPECT_EQ(quota.may_send(kInbox, true), Ask::One);
  EXPECT_EQ(quota.may_send(kInbox, false), Ask::None) << "the background pauses";
  quota.refused(kInbox);
  EXPECT_EQ(quota.may_send(kOther, true), Ask::None) << "the room is mostly common";
  EXPECT_EQ(quota.may_send(kThird, true), Ask::One);
  quota.taken();
  for (const auto& mailbox : {kInbox, kOther, kThird}) EXPECT_EQ(quota.may_send(mailbox, false), Ask::All);
}

TEST(OverQuota, IsKept) {
  OverQuota quota;
  EXPECT_EQ(quota.text(), "");
  quota.refused(kInbox);
  quota.refused({Side::Local, 7});
  OverQuota again(quota.text());
  EXPECT_EQ(again.text(), quota.text());
  EXPECT_EQ(again.may_send(kInbox, true), Ask::One);
  EXPECT_EQ(OverQuota("no such thing").text(), "");
}

}  // namespace
