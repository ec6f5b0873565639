// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "store/maildir/mailbox_file.h"

#include <gtest/gtest.h>

#include <set>

#include "proto/base/fail_point.h"
#include "tests/support/temp_maildir.h"

namespace store {
namespace {

const std::string kHead = "postern-mailbox 1\nuidvalidity 77\nid abcdefghijklmnop\nuidnext 5\n";

class MailboxFileTest : public testing::Test {
 protected:
  void put(const std::string& text) { tests::write_file(path(), text); }
  std::filesystem::path path() const { return directory_.path() / MailboxFile::kName; }
  std::optional<MailboxFile> read() const { return MailboxFile::read(directory_.path()); }
  tests::TempDirectory directory_;
};

TEST_F(MailboxFileTest, ThereIsNone) { EXPECT_EQ(read().has_value(), false); }

TEST_F(MailboxFileTest, WhatIsWrittenReadsBack) {
  MailboxFile file;
  file.uid_validity = imap::UidValidity(4294967295u);
  file.id = make_mailbox_id();
  file.uid_next = imap::Uid(1001);
  file.uids = {{"1.a b.host", imap::Uid(3)}, {"2.x,S=3", imap::Uid(4)}};
  file.more_keywords = {{3, {"one", "two"}}, {4, {}}};
  file.write(directory_.path());
  append_to_mailbox_file(directory_.path(), uid_next_line(imap::Uid(2001)) + uid_line(imap::Uid(9), "3.y") +
                                                keywords_line(imap::Uid(3), {"three"}));
  const auto back = read();
  ASSERT_TRUE(back);
  EXPECT_EQ(back->uid_validity, file.uid_validity);
  EXPECT_EQ(back->id, file.id);
  EXPECT_EQ(back->uid_next, imap::Uid(2001));
  EXPECT_EQ(back->uids.size(), 3u);
  EXPECT_EQ(back->uids.at("1.a b.host"), imap::Uid(3));
  EXPECT_EQ(back->uids.at("3.y"), imap::Uid(9));
  EXPECT_EQ(back->more_keywords.at(3), (std::vector<std::string>{"three"}));
}

TEST_F(MailboxFileTest, UidNextNeverGoesBack) {
  put(kHead + "uidnext 900\nuidnext 20\n");
  EXPECT_EQ(read()->uid_next, imap::Uid(900));
}

TEST_F(MailboxFileTest, TornLastLineIsIgnoredAndDoesNotJoinTheNext) {
  for (const std::string torn : {"u", "uid 12 1.tor", "uidnext 20", "keywords 3 half"}) {
    put(kHead + torn);
    EXPECT_EQ(read()->uid_next, imap::Uid(5)) << torn;
    append_to_mailbox_file(directory_.path(), uid_next_line(imap::Uid(1005)) + uid_line(imap::Uid(6), "1.x"));
    const auto file = read();
    EXPECT_EQ(file->uid_next, imap::Uid(1005)) << torn;
    EXPECT_EQ(file->uids.size(), 1u) << torn;
    EXPECT_EQ(file->uids.at("1.x"), imap::Uid(6)) << torn;
    EXPECT_TRUE(file->more_keywords.empty()) << torn;
  }
}

TEST_F(MailboxFileTest, HandEdits) {
  put("\n# mine\npostern-mailbox 1\r\nuidvalidity 77\r\nid abcdefghijklmnop\r\nnonsense\nuid x y\nuid 0 z\nuid 7\n"
      "keywords 4\nuidnext 5\r\n");
  const auto file = read();
  ASSERT_TRUE(file);
  EXPECT_EQ(file->uid_validity, imap::UidValidity(77));
  EXPECT_EQ(file->id, "abcdefghijklmnop");
  EXPECT_EQ(file->uid_next, imap::Uid(5));
  EXPECT_TRUE(file->uids.empty());
}

TEST_F(MailboxFileTest, WhatCannotBeUnderstoodIsSaidClearly) {
  for (const std::string text :
       {"", "postern-mailbox 1\n", "postern-mailbox 1\nuidvalidity 0\nid abcdefghijklmnop\n",
        "postern-mailbox 1\nuidvalidity 7\nid short\n", "postern-mailbox 1\nuidvalidity 7\nid abcdefghijk/mnop\n",
        "postern-mailbox 2\nuidvalidity 7\nid abcdefghijklmnop\n"}) {
    put(text);
    try {
      read();
      ADD_FAILURE() << text;
    } catch (const std::runtime_error& error) {
      EXPECT_NE(std::string(error.what()).find(path().string()), std::string::npos);
    }
  }
}

TEST_F(MailboxFileTest, NameWithLineEndCannotForgeLines) {
  put(kHead);
  append_to_mailbox_file(directory_.path(), uid_line(imap::Uid(6), "x\nuidvalidity 1"));
  EXPECT_EQ(read()->uid_validity, imap::UidValidity(77));
}

TEST_F(MailboxFileTest, CrashWhileReplacingLeavesTheOldOrTheNew) {
  put(kHead);
  auto file = *read();
  file.uid_next = imap::Uid(3000);
  for (int step = 1; step < 8; ++step) {
    put(kHead);
    base::FailPoint::arm(base::FailPoint::Mode::Crash, step);
    try {
      file.write(directory_.path());
    } catch (const base::SimulatedCrash&) {
    }
    base::FailPoint::disarm();
    const auto next = read()->uid_next;
    EXPECT_TRUE(next == imap::Uid(5) || next == imap::Uid(3000));
  }
}

TEST(MailboxId, RandomAndOfTheAlphabet) {
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) {
    const auto id = make_mailbox_id();
    EXPECT_EQ(id.size(), 16u);
    EXPECT_TRUE(seen.insert(id).second);
  }
}

}  // namespace
}  // namespace store
