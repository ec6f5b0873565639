// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "sync/pass/context/looks.h"

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

TEST(Looks, AnotherProcessKnowsThem) {
  const auto start = Looks::Clock::time_point(std::chrono::seconds(1'800'000'000));
  Looks looks;
  looks.note(counted(9, 3, 1), start);
  auto below = counted(1, 0, 0);
  below.path = mirror::MailboxPath(std::string("a\0b 7\n", 6));
  below.unseen.reset();
  looks.note(below, start);
  const auto text = looks.text();
  const Looks again(text);
  EXPECT_EQ(again.text(), text);
  EXPECT_TRUE(again.need_none(counted(9, 3, 1), start + std::chrono::minutes(9)));
  EXPECT_TRUE(again.need_none(below, start + std::chrono::minutes(9)));
  EXPECT_FALSE(again.need_none(counted(9, 3, 1), start + Looks::kAgain));
  EXPECT_FALSE(again.need_none(counted(9, 3, 1), start - std::chrono::seconds(1))) << "the clock has gone back";
  for (std::size_t octets = 0; octets < text.size(); ++octets)
    EXPECT_LE(Looks(text.substr(0, octets)).text().size(), octets) << octets;
  EXPECT_EQ(Looks("-1 x").text(), "");
  EXPECT_EQ(Looks("1 1 1 1 1 99999999999 a").text(), "");
}

TEST(Looks, WhatTellsItsChangesByModseqNeedsNone) {
  Looks looks;
  auto entry = counted(9, 3, 1);
  entry.state->modseq = imap::ModSeq(5);
  looks.note(entry);
  EXPECT_EQ(looks.text(), "");
}

}  // namespace
}  // namespace tests
