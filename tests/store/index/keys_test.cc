// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// The bytes of keys and records as they lie on users' disks. A test that fails here says that stores of before cannot
// be read any more: mend the code, not the bytes.
#include "store/index/keys.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/support/golden.h"

namespace tests {
namespace {

namespace keys = store::keys;

const std::string kId = "abcdefghijklmnop";
const std::string kIdInHex = "6162636465666768696a6b6c6d6e6f70";

TEST(Keys, AreTheseBytes) {
  const imap::Uid uid(0x01020304);
  const imap::ModSeq modseq(0x0102030405060708);
  EXPECT_EQ(hex(keys::mailbox(kId)), "62" + kIdInHex);
  EXPECT_EQ(hex(keys::row(kId, uid)), "72" + kIdInHex + "01020304");
  EXPECT_EQ(hex(keys::row_prefix(kId)), "72" + kIdInHex);
  EXPECT_EQ(hex(keys::gone(kId, modseq, uid)), "67" + kIdInHex + "010203040506070801020304");
  EXPECT_EQ(hex(keys::gone_prefix(kId)), "67" + kIdInHex);
  EXPECT_EQ(keys::kSaid, "s");
  EXPECT_EQ(hex(keys::doomed(kId, uid)), "64" + kIdInHex + "01020304");
  EXPECT_EQ(hex(keys::state("sync/a")), "7a73796e632f61");
  EXPECT_EQ(hex(keys::openings()), "6e");
  EXPECT_EQ(hex(keys::floor()), "66");
  EXPECT_EQ(hex(keys::version()), "76");
  EXPECT_EQ(keys::uid_at_end(keys::row(kId, uid)), uid);
  EXPECT_EQ(keys::gone_modseq(keys::gone(kId, modseq, uid)), modseq);
}

TEST(Keys, EndOfAPrefix) {
  EXPECT_EQ(hex(keys::end_of(octets("7261"))), "7262");
  EXPECT_EQ(hex(keys::end_of(octets("72ff"))), "73");
  EXPECT_EQ(hex(keys::end_of(octets("ffff"))), "");
}

constexpr const char* kMailbox =
    "01"              // version
    "88efe09f0d"      // UIDVALIDITY 3 556 259 720
    "ac02"            // UIDNEXT 300
    "80808080808001"  // HIGHESTMODSEQ 2^42
    "05"              // the log of expunges starts at 5
    "07"              // claimed up to UID 7
    "06"              // cur/ changed at 3 ns
    "03"              // new/ changed at -2 ns
    "02"              // two keywords
    "0124"            // "$"
    "03414243"        // "ABC"
    "04612f62c3";     // it lies in "a/b\xC3"

TEST(Keys, TheMailboxRecord) {
  keys::MailboxRecord record;
  record.uid_validity = imap::UidValidity(3'556'259'720u);
  record.uid_next = imap::Uid(300);
  record.highest_modseq = imap::ModSeq(1ull << 42);
  record.log_starts = imap::ModSeq(5);
  record.claimed = imap::Uid(7);
  record.cur_changed = 3;
  record.new_changed = -2;
  record.keywords = {"$", "ABC"};
  record.place = "a/b\xC3";
  EXPECT_EQ(hex(keys::encode(record)), kMailbox);
  const auto back = keys::decode_mailbox(octets(kMailbox));
  ASSERT_TRUE(back);
  EXPECT_EQ(hex(keys::encode(*back)), kMailbox);
  EXPECT_EQ(back->uid_validity, record.uid_validity);
  EXPECT_EQ(back->new_changed, -2);
}

TEST(Keys, AMailboxRecordWithoutAPlaceIsOlder) {
  const std::string whole = octets(kMailbox), older = whole.substr(0, whole.size() - 5);
  const auto record = keys::decode_mailbox(older);
  ASSERT_TRUE(record);
  EXPECT_EQ(record->place, "");
  EXPECT_EQ(record->keywords.size(), 2u);
}

TEST(Keys, AMailboxRecordThatIsCutOrOfAnotherVersionIsNone) {
  const auto whole = octets(kMailbox);
  const auto older = whole.size() - 5;  // where the place begins: an older record ends there
  for (std::size_t size = 0; size < whole.size(); ++size)
    EXPECT_EQ(keys::decode_mailbox(whole.substr(0, size)).has_value(), size == older) << size;
  EXPECT_FALSE(keys::decode_mailbox("\x02" + whole.substr(1)));
}

constexpr const char* kRow =
    "01"              // version
    "c3"              // \Answered (01), \Flagged (02), renaming (40), in new/ (80)
    "80808080808001"  // MODSEQ 2^42
    "9001"            // internal date 72
    "8001"            // 128 octets on the wire
    "02"              // two keywords
    "00"              // the first
    "ac02"            // and number 300
    "3132332e61";     // "123.a"

TEST(Keys, TheRowRecord) {
  keys::RowRecord row;
  row.modseq = imap::ModSeq(1ull << 42);
  row.system_flags = 0x03;
  row.in_new = row.renaming = true;
  row.keywords = {0, 300};
  row.internal_date = 72;
  row.wire_size = 128;
  row.name = "123.a";
  std::string out = "what was there before";
  keys::encode(out, row);
  EXPECT_EQ(hex(out), kRow);
  keys::RowRecord back;
  const auto value = octets(kRow);
  ASSERT_TRUE(keys::decode_row(value, back));
  EXPECT_EQ(back.modseq, row.modseq);
  EXPECT_EQ(back.system_flags, 0x03);
  EXPECT_TRUE(back.in_new);
  EXPECT_TRUE(back.renaming);
  EXPECT_EQ(back.keywords, row.keywords);
  EXPECT_EQ(back.internal_date, 72);
  EXPECT_EQ(back.wire_size, 128u);
  EXPECT_EQ(back.name, "123.a");
}

constexpr const char* kForeignRow =
    "02"           // version: more is said of the file
    "00"           // no flags
    "03"           // it is growing (01); its size was counted (02)
    "d209"         // mark of its size 1234
    "05"           // MODSEQ 5
    "9001"         // internal date 72
    "00"           // size not counted
    "00"           // no keywords
    "3132332e61";  // "123.a"

TEST(Keys, TheRowRecordOfAForeignFile) {
  keys::RowRecord row;
  row.modseq = imap::ModSeq(5);
  row.growing = row.counted = true;
  row.size_mark = 1234;
  row.internal_date = 72;
  row.name = "123.a";
  std::string out;
  keys::encode(out, row);
  EXPECT_EQ(hex(out), kForeignRow);
  keys::RowRecord back;
  const auto value = octets(kForeignRow);
  ASSERT_TRUE(keys::decode_row(value, back));
  EXPECT_TRUE(back.growing && back.counted);
  EXPECT_EQ(back.size_mark, 1234u);
  EXPECT_EQ(back.modseq, row.modseq);
  EXPECT_EQ(back.name, "123.a");
}

constexpr const char* kRowWithoutText =
    "02"    // version: more is said of the file
    "01"    // flags
    "04"    // its text is elsewhere (04)
    "00"    // no mark of a size
    "05"    // MODSEQ 5
    "9001"  // internal date 72
    "8001"  // size 128
    "00";   // no keywords, and no name

TEST(Keys, TheRowRecordOfAMessageWhoseTextIsElsewhere) {
  keys::RowRecord row;
  row.modseq = imap::ModSeq(5);
  row.system_flags = 1;
  row.elsewhere = true;
  row.internal_date = 72;
  row.wire_size = 128;
  std::string out;
  keys::encode(out, row);
  EXPECT_EQ(hex(out), kRowWithoutText);
  keys::RowRecord back;
  auto value = octets(kRowWithoutText);
  ASSERT_TRUE(keys::decode_row(value, back));
  EXPECT_TRUE(back.elsewhere && !back.growing && !back.counted);
  EXPECT_EQ(back.wire_size, 128u);
  EXPECT_EQ(back.name, "");
  EXPECT_FALSE(keys::decode_row(value + "123.a", back)) << "there is no file that could have a name";
  value[2] = 8;
  EXPECT_FALSE(keys::decode_row(value, back)) << "what is not known yet";
}

TEST(Keys, ARowRecordThatIsCutOrOfAnotherVersionIsNone) {
  const auto value = octets(kRow);
  keys::RowRecord row;
  const auto without_name = value.size() - 5;
  for (std::size_t size = 0; size <= without_name; ++size)
    EXPECT_FALSE(keys::decode_row(std::string_view(value).substr(0, size), row)) << size;
  EXPECT_FALSE(keys::decode_row("\x02" + value.substr(1), row));
}

}  // namespace
}  // namespace tests
