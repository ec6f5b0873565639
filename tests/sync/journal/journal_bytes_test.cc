// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// The bytes of the journal's records as they lie on users' disks, written and read. A test that fails here says that
// what both sides agreed on cannot be read any more: mend the code, not the bytes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sync/journal/journal.h"
#include "tests/support/golden.h"
#include "tests/support/temp_maildir.h"

namespace tests {
namespace {

using mirror::Journal;
using mirror::Side;

class JournalBytes : public testing::Test {
 protected:
  std::unique_ptr<mirror::JournalStorage> storage() { return mirror::make_file_storage(directory_.path() / "journal"); }
  // Puts what a program of before has written, and opens the journal that holds it.
  Journal journal_with(const std::string& key, const std::string& value) {
    {
      const auto opened = storage();
      store::StateBatch batch;
      batch.put(octets(key), octets(value));
      opened->write(batch, true);
    }
    return Journal(storage(), "a");
  }
  static void expect_written(const store::StateBatch& batch, const std::string& key, const std::string& value) {
    ASSERT_EQ(batch.writes.size(), 1u);
    EXPECT_EQ(hex(batch.writes[0].first), key);
    ASSERT_TRUE(batch.writes[0].second);
    EXPECT_EQ(hex(*batch.writes[0].second), value);
  }

  TempDirectory directory_;
};

const std::string kAccount = hex("sync/a") + "00";
const std::string kDigest = hex("0123456789abcdef0123456789ABCDEF");

TEST_F(JournalBytes, Mailbox) {
  const auto key = kAccount + hex("m") + "00000007";
  const auto value = std::string("01") +  // version
                     "00000001"
                     "00000002"
                     "0000000000000003"
                     "00000004" +  // local: UIDVALIDITY, UIDNEXT, MODSEQ, messages
                     "01020304"
                     "05060708"
                     "0102030405060708"
                     "090a0b0c" +  // remote
                     "01" +        // subscribed
                     hex("INBOX");
  auto journal = journal_with(key, value);
  const auto records = journal.mailboxes();
  ASSERT_EQ(records.size(), 1u);
  mirror::MailboxRecord expected;
  expected.number = 7;
  expected.path = mirror::MailboxPath("INBOX");
  expected.local = {imap::UidValidity(1), imap::Uid(2), imap::ModSeq(3), 4};
  expected.remote = {imap::UidValidity(0x01020304), imap::Uid(0x05060708), imap::ModSeq(0x0102030405060708),
                     0x090a0b0c};
  expected.subscribed = true;
  EXPECT_EQ(records.front(), expected);
  store::StateBatch batch;
  journal.put_mailbox(batch, expected);
  expect_written(batch, key, value);
}

// The mark came later: without one the record is that of version 0.1.
TEST_F(JournalBytes, Pair) {
  for (const std::uint64_t mark : {0ull, 0x0102030405060708ull}) {
    const auto key = kAccount + hex("p") + "00000007" + "00000102";  // mailbox, remote UID
    const auto value = std::string("00000304") +                     // local UID
                       "09" +                                        // \\Answered \\Seen
                       hex("$a b") +                                 // keywords
                       (mark != 0 ? "00"
                                    "0102030405060708"
                                  : "");  // mark
    auto journal = journal_with(key, value);
    mirror::Pair expected{imap::Uid(0x304), imap::Uid(0x102), {}, mark};
    expected.flags.set_system_bits(0x09);
    expected.flags.add("$a");
    expected.flags.add("b");
    const auto pairs = journal.pairs(7);
    ASSERT_NE(pairs.find(Side::Remote, imap::Uid(0x102)), nullptr);
    EXPECT_EQ(*pairs.find(Side::Remote, imap::Uid(0x102)), expected);
    store::StateBatch batch;
    journal.put_pair(batch, 7, expected);
    expect_written(batch, key, value);
  }
}

TEST_F(JournalBytes, AppendUnderWay) {
  const auto key = kAccount + hex("i") + "00000007" + "01" + "00000102";  // mailbox, to the remote side, UID here
  const auto value = std::string("00000304") +                            // UIDNEXT there before
                     "0000000000010000" +                                 // size
                     "08" + kDigest + hex("word");                        // flags, digest, keywords
  auto journal = journal_with(key, value);
  mirror::Intent expected;
  expected.to = Side::Remote;
  expected.source = imap::Uid(0x102);
  expected.floor = imap::Uid(0x304);
  expected.size = 65536;
  expected.digest = octets(kDigest);
  expected.flags.set_system_bits(0x08);
  expected.flags.add("word");
  EXPECT_THAT(journal.intents(7), testing::ElementsAre(expected));
  store::StateBatch batch;
  journal.put_intent(batch, 7, expected);
  expect_written(batch, key, value);
}

TEST_F(JournalBytes, AMessageThatIsMissing) {
  using Kind = mirror::Absence::Kind;
  for (const auto& [kind, octet] :
       {std::pair(Kind::Waits, "00"), {Kind::Held, "01"}, {Kind::Allowed, "02"}, {Kind::Leaves, "03"}}) {
    const auto key = kAccount + hex("a") + "00000007" + "01" + "00000102";  // mailbox, side, UID there
    const auto value = std::string(octet) + "0000000012345678";             // since
    auto journal = journal_with(key, value);
    const mirror::Absence expected{kind, 0x12345678};
    const auto found = journal.absences(7);
    ASSERT_EQ(found.size(), 1u);
    EXPECT_EQ(found.at({mirror::Side::Remote, imap::Uid(0x102)}), expected);
    store::StateBatch batch;
    journal.put_absence(batch, 7, mirror::Side::Remote, imap::Uid(0x102), expected);
    expect_written(batch, key, value);
  }
}

TEST_F(JournalBytes, AnObjectId) {
  const auto key = kAccount + hex("e") + "00000007" + "00000102";  // mailbox, UID there
  const auto value = "00000305" + hex("M6d99ac");                  // UIDVALIDITY there, id
  auto journal = journal_with(key, value);
  const imap::UidValidity validity(0x305);
  const mirror::ObjectIds expected{{imap::Uid(0x102), "M6d99ac"}};
  EXPECT_EQ(journal.object_ids(7, validity), expected);
  EXPECT_TRUE(journal.object_ids(7, imap::UidValidity(0x306)).empty());
  store::StateBatch batch;
  journal.put_object_id(batch, 7, validity, imap::Uid(0x102), "M6d99ac");
  expect_written(batch, key, value);
}

TEST_F(JournalBytes, TextsThatWereCompared) {
  const auto key = kAccount + hex("t") + "00000007" + "00000102";  // mailbox, UID there
  const auto value =
      std::string("00000011") + "0000000012345678" + hex("0123456789abcdef");  // UIDVALIDITY, size, digest
  auto journal = journal_with(key, value);
  const mirror::ComparedText expected{imap::UidValidity(0x11), 0x12345678, "0123456789abcdef"};
  EXPECT_EQ(journal.compared(7), (mirror::ComparedTexts{{imap::Uid(0x102), expected}}));
  store::StateBatch batch;
  journal.put_compared(batch, 7, imap::Uid(0x102), expected);
  expect_written(batch, key, value);
}

TEST_F(JournalBytes, DatesThatAreKnownToDiffer) {
  const auto key = kAccount + hex("w") + "00000007" + "00000102";                        // mailbox, UID there
  const auto value = std::string("00000011") + "0000000012345678" + "ffffffffffffffff";  // UIDVALIDITY, here, there
  auto journal = journal_with(key, value);
  const mirror::OtherDates expected{imap::UidValidity(0x11), 0x12345678, -1};
  EXPECT_EQ(journal.known_dates(7), (mirror::KnownDates{{imap::Uid(0x102), expected}}));
  store::StateBatch batch;
  journal.put_known_dates(batch, 7, imap::Uid(0x102), expected);
  expect_written(batch, key, value);
}

// With a name since 1.1; without one as before.
TEST_F(JournalBytes, HeldMessages) {
  using mirror::Held;
  const auto key = kAccount + hex("h") + "00000007" + "01" + "00000102";  // mailbox, on the remote side, UID there
  const std::string tries = std::string("00000002") + "00000000000003e8";
  const std::pair<std::string, Held> records[] = {
      {"01" + hex("why"), {Held::Kind::Lost, "why", 0, 0, ""}},
      {"02" + tries + hex("why"), {Held::Kind::Refused, "why", 2, 1000, ""}},
      {"03" + tries + hex("name") + "00" + hex("why"), {Held::Kind::Refused, "why", 2, 1000, "name"}},
      {"04" + hex("name") + "00" + hex("why"), {Held::Kind::Lost, "why", 0, 0, "name"}}};
  for (const auto& [value, expected] : records) {
    auto journal = journal_with(key, value);
    const auto held = journal.held(7);
    ASSERT_TRUE(held.contains({Side::Remote, imap::Uid(0x102)})) << value;
    EXPECT_EQ(held.at({Side::Remote, imap::Uid(0x102)}), expected) << value;
    store::StateBatch batch;
    journal.put_held(batch, 7, Side::Remote, imap::Uid(0x102), expected);
    expect_written(batch, key, value);
  }
  auto older = journal_with(key, "00" + hex("why"));  // as 0.1 wrote it
  EXPECT_EQ(older.held(7).at({Side::Remote, imap::Uid(0x102)}), (Held{Held::Kind::Refused, "why", 0, 0, ""}));
}

TEST_F(JournalBytes, FlagChangesUnderWay) {
  const auto key = kAccount + hex("f") + "00000007" + "00000000";  // mailbox, the first of them
  const auto value = std::string("01") + "01" + "08" +             // remote side, remove, system flags
                     "00000002"
                     "00000001"
                     "00000003"
                     "00000007"
                     "00000007" +  // two ranges: 1:3, 7
                     hex("word");
  auto journal = journal_with(key, value);
  const auto found = journal.flag_intents(7);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].side, Side::Remote);
  EXPECT_EQ(found[0].change, imap::FlagChange::Remove);
  EXPECT_EQ(found[0].flags.system_bits(), 0x08);
  EXPECT_TRUE(found[0].flags.has("word"));
  EXPECT_EQ(found[0].uids.size(), 4u);
  store::StateBatch batch;
  journal.put_flag_intents(batch, 7, found);
  expect_written(batch, key, value);
}

TEST_F(JournalBytes, MarksSetAside) {
  const auto key = kAccount + hex("d") + "00000007" + "01";  // mailbox, remote side
  const auto value = std::string("00000001") + "00000003" + "00000007" + "00000007";
  auto journal = journal_with(key, value);
  auto expected = imap::UidSet::between(imap::Uid(1), imap::Uid(3));
  expected.add(imap::Uid(7));
  EXPECT_EQ(journal.set_aside(7, Side::Remote), expected);
  store::StateBatch batch;
  journal.put_set_aside(batch, 7, Side::Remote, expected);
  expect_written(batch, key, value);
}

TEST_F(JournalBytes, MailboxesThatAreUncertain) {
  auto journal = journal_with(kAccount + hex("u") + "00000007", "");
  EXPECT_TRUE(journal.is_uncertain(7));
  EXPECT_FALSE(journal.is_uncertain(8));
}

TEST_F(JournalBytes, Notes) {
  auto journal = journal_with(kAccount + hex("nlast"), hex("a text"));
  EXPECT_EQ(journal.note("last"), "a text");
  journal.put_note("next", "1");
  EXPECT_EQ(journal.note("next"), "1");
}

}  // namespace
}  // namespace tests
