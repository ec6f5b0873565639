// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// A mailbox that is another one than before: its messages are paired anew, by themselves.
#include <gmock/gmock.h>

#include "tests/sync/pass/pass_fixture.h"

namespace tests {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class Heal : public PassTest {
 protected:
  // As when the server was moved: the same messages under other UIDs.
  static void renumber(MemoryServer& side, const std::string& name = "INBOX", std::uint32_t by = 100) {
    auto& mailbox = *side.find(name);
    mailbox.uid_validity = imap::UidValidity(mailbox.uid_validity.value + 4711);
    auto letters = std::exchange(mailbox.letters, {});
    for (auto& [uid, letter] : letters) {
      letter.first.uid = imap::Uid(uid.value + by);
      mailbox.letters.emplace(letter.first.uid, std::move(letter));
    }
    mailbox.uid_next = imap::Uid(mailbox.uid_next.value + by);
  }
  std::vector<std::uint32_t> uids(MemoryServer& side, const std::string& mailbox = "INBOX") {
    std::vector<std::uint32_t> out;
    for (const auto& [uid, letter] : side.find(mailbox)->letters) out.push_back(uid.value);
    return out;
  }
  void fill(MemoryServer& side, std::initializer_list<const char*> those, const std::string& mailbox = "INBOX") {
    for (const auto* one : those) side.append(mailbox, letter(one, one));
  }
  // As a pass leaves it that was cut off between the two changes of flags.
  void set_aside(const imap::UidSet& those) {
    mirror::Journal journal(make_disk_storage(disk_, fuse_), "account");
    store::StateBatch batch;
    journal.put_set_aside(batch, journal.mailboxes().at(0).number, mirror::Side::Remote, those);
    journal.commit(batch, true);
  }
  std::vector<std::string> marked(MemoryServer& side) {
    std::vector<std::string> out;
    for (const auto& one : side.letters("INBOX"))
      if (one.flags.has(imap::Flag::Deleted)) out.push_back(one.text.substr(one.text.size() - 5, 3));
    return out;
  }
  void expect_nothing_copied() { EXPECT_EQ(progress_.counts.copied_to_local + progress_.counts.copied_to_remote, 0u); }
};

TEST_F(Heal, AnotherUidValidityThereIsPairedAnewAndUidsHereStay) {
  fill(remote_, {"one", "two", "six"});
  EXPECT_TRUE(pass());
  renumber(remote_);
  remote_.change_flags("INBOX", imap::Uid(101), imap::FlagChange::Add, {imap::Flag::Seen});
  local_.change_flags("INBOX", imap::Uid(2), imap::FlagChange::Add, {imap::Flag::Flagged});
  EXPECT_TRUE(pass()) << problems();
  expect_nothing_copied();
  EXPECT_EQ(progress_.counts.paired, 3u);
  EXPECT_THAT(progress_.told, ElementsAre(HasSubstr("INBOX: is another mailbox than before")));
  EXPECT_THAT(uids(local_), ElementsAre(1, 2, 3));
  EXPECT_EQ(local_.letters("INBOX")[0].flags, imap::FlagSet{imap::Flag::Seen});
  EXPECT_EQ(remote_.letters("INBOX")[1].flags, imap::FlagSet{imap::Flag::Flagged});
  EXPECT_TRUE(pass());
  EXPECT_FALSE(progress_.counts.any());
  EXPECT_THAT(progress_.told, IsEmpty());
}

TEST_F(Heal, AnotherUidValidityHere) {
  fill(remote_, {"one", "two", "six"});
  EXPECT_TRUE(pass());
  renumber(local_);
  fill(remote_, {"new"});
  EXPECT_TRUE(pass()) << problems();
  EXPECT_EQ(progress_.counts.copied_to_local, 1u);
  EXPECT_THAT(uids(local_), ElementsAre(101, 102, 103, 104));
}

TEST_F(Heal, OnBothSidesAtOnce) {
  fill(remote_, {"one", "two", "six"});
  EXPECT_TRUE(pass());
  renumber(local_);
  renumber(remote_);
  EXPECT_TRUE(pass()) << problems();
  expect_nothing_copied();
}

TEST_F(Heal, OfTwentyFiveMailboxesAtOnce) {
  for (int i = 0; i < 25; ++i) {
    remote_.create("m" + std::to_string(i));
    fill(remote_, {"one", "two", "six"}, "m" + std::to_string(i));
  }
  EXPECT_TRUE(pass());
  for (int i = 0; i < 25; ++i) renumber(remote_, "m" + std::to_string(i), 7);
  EXPECT_TRUE(pass()) << problems();
  expect_nothing_copied();
  EXPECT_EQ(progress_.told.size(), 25u);
  EXPECT_EQ(progress_.held, 0u);
}

TEST_F(Heal, WhatWasRemovedHereMeanwhileIsARemovalAsAnyOther) {
  fill(remote_, {"one", "two", "six"});
  EXPECT_TRUE(pass());
  local_.expunge("INBOX", imap::Uid(2));
  renumber(remote_);
  EXPECT_TRUE(pass()) << problems();
  EXPECT_THAT(texts(remote_), ElementsAre("one", "six"));
  EXPECT_THAT(texts(local_), ElementsAre("one", "six"));
  EXPECT_EQ(progress_.held, 0u);
}

// Nobody knows whether it was removed there or lost with the old mailbox.
TEST_F(Heal, WhatIsMissingThereIsHeld) {
  fill(remote_, {"one", "two", "six"});
  EXPECT_TRUE(pass());
  renumber(remote_);
  remote_.expunge("INBOX", imap::Uid(102));
  for (int i = 0; i < 3; ++i) {
    pass();
    expect_nothing_copied();
    EXPECT_EQ(progress_.held, 1u) << i;
    EXPECT_THAT(problems(), HasSubstr("is no longer on the server"));
    EXPECT_THAT(texts(local_), ElementsAre("one", "six", "two"));
    EXPECT_THAT(texts(remote_), ElementsAre("one", "six"));
  }
}

TEST_F(Heal, AnEmptyMailboxInItsPlaceHoldsAll) {
  fill(local_, {"one"});
  EXPECT_TRUE(pass());
  auto& mailbox = *remote_.find("INBOX");
  mailbox.uid_validity = imap::UidValidity(4711);
  mailbox.letters.clear();
  pass();
  EXPECT_EQ(progress_.held, 1u);
  EXPECT_THAT(texts(local_), ElementsAre("one"));
  EXPECT_THAT(texts(remote_), IsEmpty());
}

// A server that was restored from a backup has lost messages, which nobody has deleted, and gives their UIDs again.
TEST_F(Heal, ABackupPutBackThere) {
  fill(remote_, {"one", "two", "six"});
  EXPECT_TRUE(pass());
  auto& mailbox = *remote_.find("INBOX");
  mailbox.letters.erase(imap::Uid(2));
  mailbox.letters.erase(imap::Uid(3));
  mailbox.uid_next = imap::Uid(2);
  mailbox.modseq = imap::ModSeq(2);
  fill(remote_, {"new"});
  pass();
  EXPECT_EQ(progress_.held, 2u);
  EXPECT_THAT(texts(local_), ElementsAre("new", "one", "six", "two"));
  EXPECT_THAT(texts(remote_), ElementsAre("new", "one"));
  pass();
  EXPECT_EQ(progress_.held, 2u);
  expect_nothing_copied();
}

// All of it is one write.
TEST_F(Heal, WhereItIsCutOffTheNextPassDoesIt) {
  fill(remote_, {"one", "two", "six"});
  EXPECT_TRUE(pass());
  const auto before = disk_.contents();
  renumber(remote_);
  EXPECT_TRUE(pass());
  put_back(before);
  EXPECT_TRUE(pass()) << problems();
  expect_nothing_copied();
}

// Others have marked a message as deleted since it was last looked at; so nobody but the journal knows of the mark.
TEST_F(Heal, WhatWasSetAsideIsPutBackUnderItsUidNow) {
  fill(remote_, {"one", "two", "six"});
  EXPECT_TRUE(pass());
  set_aside(imap::UidSet::of(imap::Uid(2)));
  renumber(remote_, "INBOX", 1);  // "one" has the UID now that "two" had
  EXPECT_TRUE(pass()) << problems();
  EXPECT_THAT(marked(remote_), ElementsAre("two"));
  EXPECT_THAT(marked(local_), ElementsAre("two"));
  EXPECT_TRUE(pass());
  EXPECT_FALSE(progress_.counts.any());
}

TEST_F(Heal, WhatWasSetAsideIsPutBackWhereTheOtherSideHasChanged) {
  fill(remote_, {"one", "two", "six"});
  EXPECT_TRUE(pass());
  set_aside(imap::UidSet::of(imap::Uid(2)));
  renumber(local_, "INBOX", 1);
  EXPECT_TRUE(pass()) << problems();
  EXPECT_THAT(marked(remote_), ElementsAre("two"));
}

TEST_F(Heal, WhatWasSetAsideIsPutBackWhereBothHaveChanged) {
  fill(remote_, {"one", "two", "six"});
  remote_.append("INBOX", letter("same", "aaa"));
  remote_.append("INBOX", letter("same", "bbb"));
  EXPECT_TRUE(pass());
  set_aside(imap::UidSet::between(imap::Uid(3), imap::Uid(5)));
  renumber(local_, "INBOX", 2);
  renumber(remote_, "INBOX", 1);
  EXPECT_TRUE(pass()) << problems();
  EXPECT_THAT(marked(remote_), ElementsAre("six")) << "of two with one Message-ID neither is known";
  EXPECT_THAT(progress_.told, testing::Contains(HasSubstr("2 messages that others had marked as deleted")));
}

TEST_F(Heal, WhatWasSetAsideAndIsGoneMarksNothingElse) {
  fill(remote_, {"one", "two", "six"});
  EXPECT_TRUE(pass());
  set_aside(imap::UidSet::of(imap::Uid(2)));
  renumber(remote_, "INBOX", 1);
  remote_.expunge("INBOX", imap::Uid(3));  // "two"
  pass();
  EXPECT_THAT(marked(remote_), IsEmpty());
  EXPECT_THAT(progress_.told, testing::Contains(HasSubstr("1 message that others had marked as deleted")));
}

// `postern repair` forgets pairs; not what a pass has set aside.
TEST_F(Heal, WhatWasSetAsideIsPutBackAfterRepair) {
  fill(remote_, {"one", "two", "six"});
  EXPECT_TRUE(pass());
  set_aside(imap::UidSet::of(imap::Uid(2)));
  mirror::Journal(make_disk_storage(disk_, fuse_), "account").forget_pairs(journal_record());
  EXPECT_TRUE(pass()) << problems();
  expect_nothing_copied();
  EXPECT_EQ(progress_.counts.paired, 3u);
  EXPECT_THAT(marked(remote_), ElementsAre("two"));
  EXPECT_TRUE(pass());
  EXPECT_FALSE(progress_.counts.any());
}

}  // namespace
}  // namespace tests
