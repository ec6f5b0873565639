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

}  // namespace
}  // namespace tests
