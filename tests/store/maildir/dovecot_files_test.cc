// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "store/maildir/dovecot_files.h"

#include <gtest/gtest.h>

#include <random>

#include "tests/support/temp_maildir.h"

namespace store {
namespace {

class DovecotFiles : public testing::Test {
 protected:
  void put(const std::string& name, const std::string& text) { tests::write_file(directory_.path() / name, text); }
  std::optional<MailboxFile> uids() const { return read_foreign_uids(directory_.path()); }
  std::vector<std::string> letters() const { return read_keyword_letters(directory_.path()); }
  tests::TempDirectory directory_;
};

TEST_F(DovecotFiles, NothingThere) {
  EXPECT_FALSE(uids().has_value());
  EXPECT_TRUE(letters().empty());
}

TEST_F(DovecotFiles, UidListVersion3) {
  put("dovecot-uidlist",
      "3 V1275660208 N25022 G3085f01b7f11094c501100008c4a11c1\n"
      "25006 :1276528487.M364837P9451.kurkku,S=1355,W=1394:2,\n"
      "25017 W2481 :1276533073.M242911P3632.kurkku:2,FSab\n"
      "25021 G0815 W10 :1276533074.x\n"
      "\nnonsense\n0 :1276533075.x\n99999999999 :1276533076.x\n");
  const auto file = uids();
  ASSERT_TRUE(file);
  EXPECT_EQ(file->uid_validity, imap::UidValidity(1275660208));
  EXPECT_EQ(file->uid_next, imap::Uid(25022));
  EXPECT_EQ(file->uids.size(), 3u);
  EXPECT_EQ(file->uids.at("1276528487.M364837P9451.kurkku,S=1355,W=1394"), imap::Uid(25006));
  EXPECT_EQ(file->uids.at("1276533073.M242911P3632.kurkku"), imap::Uid(25017));
  EXPECT_EQ(file->uids.at("1276533074.x"), imap::Uid(25021));
}

// UIDs that leave none for mail to come: of such a file nothing is taken.
TEST_F(DovecotFiles, UidsAtTheEndOfTheirNumbersAreDamage) {
  for (const std::string text : {"3 V17 N4294967295 G1\n1 :1.x\n", "3 V17 N2 G1\n4294967295 :1.x\n",
                                 "3 V17 N2 G1\n4294967294 :1.x\n5 :2.x\n", "1 17 4294967290\n"}) {
    put("dovecot-uidlist", text);
    EXPECT_FALSE(uids()) << text;
  }
  std::filesystem::remove(directory_.path() / "dovecot-uidlist");
  put(".uidvalidity", "17\n4294967294\n");
  EXPECT_FALSE(uids());
}

TEST_F(DovecotFiles, UidListVersion1) {
  put("dovecot-uidlist", "1 1173189136 20221\n20001 1.x:2,S\n20300 2.y\n");
  const auto file = uids();
  ASSERT_TRUE(file);
  EXPECT_EQ(file->uid_validity, imap::UidValidity(1173189136));
  EXPECT_EQ(file->uid_next, imap::Uid(20301));  // above every UID, whatever the header says
  EXPECT_EQ(file->uids.at("1.x"), imap::Uid(20001));
}

TEST_F(DovecotFiles, OddUidListsAreNotBelieved) {
  for (const std::string text : {"", "\n", "2 V1 N2\n1 :x\n", "3 N5\n1 :x\n", "3 V0 N5\n", "1\n", "V1"}) {
    put("dovecot-uidlist", text);
    EXPECT_FALSE(uids().has_value()) << text;
  }
  std::mt19937 random(4);
  for (int round = 0; round < 3000; ++round) {
    std::string text = round % 2 ? "3 V7 N8\n" : "";
    for (auto n = random() % 60; n > 0; --n) text += "13 VNG:\n.,S=U2\xff"[random() % 15];
    put("dovecot-uidlist", text);
    if (const auto file = uids()) {
      EXPECT_TRUE(file->uid_validity);
    }
  }
}

TEST_F(DovecotFiles, MbsyncUidValidity) {
  put(".uidvalidity", "1234567\n45\n");
  ASSERT_TRUE(uids());
  EXPECT_EQ(uids()->uid_validity, imap::UidValidity(1234567));
  EXPECT_EQ(uids()->uid_next, imap::Uid(46));  // the second line is the highest UID that was given
  put(".uidvalidity", "1234567");
  EXPECT_EQ(uids()->uid_next, imap::Uid(1));
  put(".uidvalidity", "nonsense\n");
  EXPECT_FALSE(uids().has_value());
  put(".uidvalidity", "1\n2\n");
  put("dovecot-uidlist", "3 V77 N5\n");
  EXPECT_EQ(uids()->uid_validity, imap::UidValidity(77));  // Dovecot's comes first
}

TEST_F(DovecotFiles, KeywordLetters) {
  put("dovecot-keywords", "0 $Forwarded\n2 Work\n26 TooFar\nnonsense\n1\n");
  EXPECT_EQ(letters(), (std::vector<std::string>{"$Forwarded", "", "Work"}));
  write_keyword_letters(directory_.path(), {"$Forwarded", "", "Work", "new"});
  EXPECT_EQ(tests::read_file(directory_.path() / "dovecot-keywords"), "0 $Forwarded\n2 Work\n3 new\n");
  // What cannot be said to a client, or would say something else.
  put("dovecot-keywords", "0 good\n1 two words\n2 \\Seen\n3 (a\n4 b\r\n5 caf\xC3\xA9\n6 also-good\n");
  EXPECT_EQ(letters(), (std::vector<std::string>{"good", "", "", "", "", "", "also-good"}));
  std::vector<std::string> many(40, "k");
  write_keyword_letters(directory_.path(), many);
  EXPECT_EQ(letters().size(), 26u);
}

}  // namespace
}  // namespace store
