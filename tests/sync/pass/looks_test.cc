// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "sync/pass/looks.h"

#include <gtest/gtest.h>

namespace tests {
namespace {

using mirror::Looks;

mirror::ReplicaEntry counted(std::uint32_t next, std::uint32_t messages, std::uint64_t unseen) {
  mirror::ReplicaEntry out;
  out.path = mirror::MailboxPath("a");
  out.state = mirror::SideState{imap::UidValidity(7), imap::Uid(next), imap::ModSeq(0), messages};
  out.unseen = unseen;
  return out;
}

TEST(Looks, WhatCountsTheSameNeedsNoneForSomeMinutes) {
  const Looks::Clock::time_point start{};
  Looks looks;
  EXPECT_FALSE(looks.need_none(counted(9, 3, 1), start)) << "never looked at";
  looks.note(counted(9, 3, 1), start);
  EXPECT_TRUE(looks.need_none(counted(9, 3, 1), start + std::chrono::minutes(9)));
  EXPECT_FALSE(looks.need_none(counted(9, 3, 1), start + Looks::kAgain)) << "flags change without a count";
  EXPECT_FALSE(looks.need_none(counted(10, 3, 1), start));
  EXPECT_FALSE(looks.need_none(counted(9, 2, 1), start));
  EXPECT_FALSE(looks.need_none(counted(9, 3, 0), start));
  auto other = counted(9, 3, 1);
  other.state->uid_validity = imap::UidValidity(8);
  EXPECT_FALSE(looks.need_none(other, start));
  other.state.reset();
  EXPECT_FALSE(looks.need_none(other, start)) << "nothing is told";
  looks.forget(mirror::MailboxPath("a"));
  EXPECT_FALSE(looks.need_none(counted(9, 3, 1), start));
}

TEST(Looks, WithoutUidNextTheCountsTellTooLittle) {
  Looks looks;
  looks.note(counted(0, 3, 1));
  EXPECT_FALSE(looks.need_none(counted(0, 3, 1)));
}

}  // namespace
}  // namespace tests
