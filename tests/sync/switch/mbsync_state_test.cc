// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// mbsync's state files, byte by byte as it writes them.
#include "sync/switch/mbsync_state.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace tests {
namespace {

using imap::Flag;
using mirror::parse_mbsync_state;

constexpr const char* kHeader =
    "FarUidValidity 1700000001\nNearUidValidity 1700000002\nMaxPulledUid 17\nMaxPushedUid 16\n\n";

TEST(MbsyncState, IsReadAsItIsWritten) {
  const auto state = parse_mbsync_state(std::string(kHeader) + "17 16 FS\n18 20 \n19 21\n4294967294 22 DPRT\n");
  ASSERT_TRUE(state) << state.error().text;
  EXPECT_EQ(state->far.value, 1700000001u);
  EXPECT_EQ(state->near.value, 1700000002u);
  using Entry = mirror::MbsyncState::Entry;
  EXPECT_THAT(
      state->entries,
      testing::ElementsAre(Entry{imap::Uid(17), imap::Uid(16), {Flag::Flagged, Flag::Seen}},
                           Entry{imap::Uid(18), imap::Uid(20), {}}, Entry{imap::Uid(19), imap::Uid(21), {}},
                           Entry{imap::Uid(4294967294u), imap::Uid(22), {Flag::Draft, Flag::Answered, Flag::Deleted}}));
}

TEST(MbsyncState, OfVersionsBefore14) {
  const auto state =
      parse_mbsync_state("MasterUidValidity 5\nSlaveUidValidity 6\nMaxPulledUid 1\nMaxExpiredSlaveUid 0\n\n1 1 S\n");
  ASSERT_TRUE(state) << state.error().text;
  EXPECT_EQ(state->far.value, 5u);
  EXPECT_EQ(state->entries.size(), 1u);
}

TEST(MbsyncState, WhatIsNotOnBothSidesIsNoPair) {
  for (const auto* line : {"0 16 S", "17 0 S", "17 4294967295 ", "4294967295 3 ", "17 16 <S", "17 16 >", "17 16 ^",
                           "17 16 ~FS", "17 16 XS"}) {
    const auto state = parse_mbsync_state(std::string(kHeader) + line + "\n");
    ASSERT_TRUE(state) << line;
    EXPECT_TRUE(state->entries.empty()) << line;
  }
}

TEST(MbsyncState, DamagedOrHalfWritten) {
  const std::string header = kHeader;
  for (const auto& text :
       {std::string(), std::string("\n"), std::string("1700000001:17 1700000002:0:16\n17 16 S\n"), header.substr(0, 40),
        header.substr(0, header.size() - 1), header + "17 16 S", header + "17\n", header + "17 x S\n",
        header + "17 16S\n", header + "99999999999 16 S\n", header + "17 16 Q\n", header + "-1 16 S\n", header + "\n",
        header + std::string("17 16 S\0\n", 9), "FarUidValidity x\n" + header, std::string("NearUidValidity 4\n\n"),
        "SQLite format 3\n" + header, "Something 17\n" + header,
        std::string("FarUidValidity 0\nNearUidValidity 5\n\n")}) {
    const auto state = parse_mbsync_state(text);
    EXPECT_FALSE(state) << text;
    if (!state) EXPECT_FALSE(state.error().text.empty());
  }
}

// No cut of it is taken for a whole one, but between two messages.
TEST(MbsyncState, CutAnywhere) {
  const auto text = std::string(kHeader) + "17 16 FS\n18 20 \n";
  for (std::size_t end = 0; end < text.size(); ++end) {
    const auto state = parse_mbsync_state(text.substr(0, end));
    EXPECT_EQ(state.has_value(), end >= std::string(kHeader).size() && text[end - 1] == '\n') << end;
  }
}

}  // namespace
}  // namespace tests
