// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "store/mailbox/message_table.h"

#include <gtest/gtest.h>

namespace {

using imap::Flag;
using imap::ModSeq;
using imap::Uid;
using imap::UidSet;

store::Row row_of(std::uint32_t uid, std::uint8_t flags, std::uint64_t modseq) {
  store::Row out;
  out.uid = Uid(uid);
  out.system_flags = flags;
  out.modseq = ModSeq(modseq);
  out.name = "1.x,U=" + std::to_string(uid) + ":2,";
  return out;
}

constexpr auto kSeen = static_cast<std::uint8_t>(Flag::Seen);
constexpr auto kDeleted = static_cast<std::uint8_t>(Flag::Deleted);

class MessageTable : public testing::Test {
 protected:
  MessageTable() {
    std::vector<store::Row> rows{row_of(1, kSeen, 5), row_of(3, 0, 6), row_of(4, kDeleted, 7), row_of(9, kSeen, 8)};
    table_.add(rows);
    say(8, 10);
  }
  void say(std::uint64_t modseq, std::uint32_t uid_next) {
    auto record = table_.record();
    record.highest_modseq = ModSeq(modseq);
    record.uid_next = Uid(uid_next);
    table_.set_record(std::move(record));
  }
  void expect_counts(std::uint32_t messages, std::uint32_t unseen, std::uint32_t deleted, std::uint32_t recent) const {
    const auto status = table_.status();
    EXPECT_EQ(status.messages, messages);
    EXPECT_EQ(status.unseen, unseen);
    EXPECT_EQ(status.deleted, deleted);
    EXPECT_EQ(status.recent, recent);
  }
  store::MessageTable table_;
};

TEST_F(MessageTable, CountsFollowEachChange) {
  expect_counts(4, 2, 1, 4);
  std::vector<store::Row> updated{row_of(9, 0, 9), row_of(3, kSeen | kDeleted, 9)};
  table_.update(updated);
  expect_counts(4, 2, 2, 4);
  table_.remove(UidSet{{3, 4}});
  expect_counts(2, 1, 0, 2);
  EXPECT_EQ(table_.first_unseen(), Uid(9));
  table_.remove(UidSet{{1, 9}});
  expect_counts(0, 0, 0, 0);
  EXPECT_EQ(table_.first_unseen(), std::nullopt);
}

TEST_F(MessageTable, AClaimIsMadeOnce) {
  EXPECT_EQ(table_.claim(), (UidSet{{1, 1}, {3, 4}, {9, 9}}));
  EXPECT_TRUE(table_.claim().empty());
  std::vector<store::Row> more{row_of(12, 0, 9)};
  table_.add(more);
  expect_counts(5, 3, 1, 1);
  EXPECT_EQ(table_.claim(), UidSet::of(Uid(12)));
}

TEST_F(MessageTable, TellsWhatChangedAndWhatWentSince) {
  table_.remove(UidSet::of(Uid(3)));
  table_.log_expunges(UidSet::of(Uid(3)), ModSeq(9), store::MessageTable::How::Said);
  table_.log_expunges(UidSet::of(Uid(2)), ModSeq(9), store::MessageTable::How::Seen);
  say(9, 10);
  const auto changes = table_.changes_since(ModSeq(7));
  ASSERT_EQ(changes.changed.size(), 1u);
  EXPECT_EQ(changes.changed.front().uid, Uid(9));
  EXPECT_EQ(changes.vanished, (UidSet{{2, 3}}));
  EXPECT_EQ(changes.said, UidSet::of(Uid(3)));
  EXPECT_EQ(changes.highest, ModSeq(9));
  EXPECT_TRUE(table_.changes_since(ModSeq(9)).changed.empty());
}

TEST_F(MessageTable, WhatTheLogDoesNotReachMayAllHaveGone) {
  auto record = table_.record();
  record.log_starts = ModSeq(6);
  table_.set_record(std::move(record));
  EXPECT_EQ(table_.changes_since(ModSeq(5)).vanished, (UidSet{{2, 2}, {5, 8}}));
}

TEST_F(MessageTable, WhatWasSaidIsToldAsFarBackAsTheLogReaches) {
  auto record = table_.record();
  record.log_starts = ModSeq(6);
  table_.set_record(std::move(record));
  table_.remove(UidSet::of(Uid(3)));
  table_.log_expunges(UidSet::of(Uid(3)), ModSeq(9), store::MessageTable::How::Said);
  EXPECT_EQ(table_.changes_since(ModSeq(0)).said, UidSet::of(Uid(3)));
}

TEST_F(MessageTable, FindsAFileByItsBaseNameWithAndWithoutAUid) {
  auto foreign = row_of(11, 0, 9);
  foreign.name = "77.someone.else:2,S";
  std::vector<store::Row> rows{foreign};
  table_.index_base(foreign);
  table_.add(rows);
  ASSERT_NE(table_.find_by_base("77.someone.else"), nullptr);
  EXPECT_EQ(table_.find_by_base("77.someone.else:2,FT")->uid, Uid(11));
  EXPECT_EQ(table_.find_by_base("1.x,U=3:2,S")->uid, Uid(3));
  EXPECT_EQ(table_.find_by_base("2.x,U=3:2,S"), nullptr);
}

TEST_F(MessageTable, AFileHasTheNameThatItIsBeingGivenToo) {
  std::vector<store::Row> updated{row_of(3, kSeen, 9)};
  table_.update(updated);
  EXPECT_TRUE(table_.is_misnamed(*table_.find(Uid(3))));
  EXPECT_EQ(table_.wanted_path(*table_.find(Uid(3))), "cur/1.x,U=3:2,S");
  table_.begin_rename(Uid(3), "cur/other");
  EXPECT_EQ(table_.paths_of(*table_.find(Uid(3))),
            (std::vector<std::string>{"cur/1.x,U=3:2,", "cur/1.x,U=3:2,S", "cur/other"}));
  table_.end_renames();
  EXPECT_FALSE(table_.is_being_renamed(Uid(3)));
}

}  // namespace
