// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// A pass over whole replicas: mailboxes that come, go and are exchanged, adoption, scope, subscriptions, problems.
#include "sync/pass/pass.h"

#include <gmock/gmock.h>

#include <random>

#include "tests/sync/pass/pass_fixture.h"

namespace tests {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST_F(PassTest, AdoptionPairsWhatIsTheSame) {
  for (auto* side : {&local_, &remote_}) {
    side->append("INBOX", letter("a", "one"));
    side->append("INBOX", letter("b", "two"));
    side->append("INBOX", letter("b", "two"));  // twice on both sides
    side->append("INBOX", letter("", "six"));
  }
  local_.append("INBOX", letter("c", "old", 5));
  remote_.append("INBOX", letter("c", "new", 5 + 60));  // an edited draft: same Message-ID, same size
  local_.append("INBOX", letter("", "abc"));
  remote_.append("INBOX", letter("", "xyz"));  // same size, same date, no Message-ID
  EXPECT_TRUE(pass());
  EXPECT_EQ(progress_.counts.paired, 4u);
  EXPECT_THAT(texts(local_), ElementsAre("abc", "new", "old", "one", "six", "two", "two", "xyz"));
  EXPECT_EQ(texts(remote_), texts(local_));
}

// mbsync and OfflineIMAP write lines into their copies, and set dates of their own.
TEST_F(PassTest, AdoptionKnowsCopiesOfSynchronisers) {
  const auto with = [](Letter out, const std::string& line) {
    out.text = line + out.text;
    return out;
  };
  local_.append("INBOX", with(letter("a", "one", 7), "X-TUID: 123456789012\r\n"));
  remote_.append("INBOX", letter("a", "one"));
  local_.append("INBOX", with(letter("", "two"), "X-OfflineIMAP: 1-2\r\n"));
  remote_.append("INBOX", letter("", "two"));
  for (int i = 0; i < 3; ++i) {  // one Message-ID, three texts
    local_.append("INBOX", with(letter("b", "te" + std::to_string(i)), "x-tuid: x\r\n"));
    remote_.append("INBOX", letter("b", "te" + std::to_string(2 - i)));
  }
  EXPECT_TRUE(pass()) << problems();
  EXPECT_EQ(progress_.counts.paired, 5u);
  EXPECT_EQ(local_.letters("INBOX").size(), 5u);
  EXPECT_EQ(remote_.letters("INBOX").size(), 5u);
}

TEST_F(PassTest, TwoFullMailboxesOfStrangersAreNotMerged) {
  for (int i = 10; i < 30; ++i) {
    local_.append("INBOX", letter("here" + std::to_string(i), "h" + std::to_string(i)));
    remote_.append("INBOX", letter("there" + std::to_string(i), "t" + std::to_string(i)));
  }
  for (int again = 0; again < 2; ++again) {
    EXPECT_FALSE(pass());
    EXPECT_THAT(problems(), HasSubstr("of 20 messages that could be on both sides 0 are"));
    EXPECT_EQ(local_.letters("INBOX").size(), 20u);
    EXPECT_EQ(remote_.letters("INBOX").size(), 20u);
  }
  local_.append("INBOX", letter("there10", "t10"));  // one in twenty
  EXPECT_TRUE(pass()) << problems();
  EXPECT_EQ(local_.letters("INBOX").size(), 40u);
}

TEST_F(PassTest, AdoptionLosesNoFlag) {
  local_.append("INBOX", letter("a", "one", 1, {imap::Flag::Seen}));
  remote_.append("INBOX", letter("a", "one", 1, {imap::Flag::Flagged}));
  EXPECT_TRUE(pass());
  const imap::FlagSet both{imap::Flag::Seen, imap::Flag::Flagged};
  EXPECT_EQ(local_.letters("INBOX").front().flags, both);
  EXPECT_EQ(remote_.letters("INBOX").front().flags, both);
}

// It has grown since: UIDNEXT and MODSEQ are higher than before, and its UIDs are those of other messages.
TEST_F(PassTest, AMessageThatTookTheUidOfAnotherIsNotExpunged) {
  for (const auto* text : {"one", "two", "six"}) remote_.append("INBOX", letter(text, text));
  EXPECT_TRUE(pass());
  auto& mailbox = *remote_.find("INBOX");
  mailbox.letters.at(imap::Uid(2)).first.text = letter("new", "new").text;
  mailbox.letters.at(imap::Uid(3)).first.text = letter("", "odd").text;  // and one without a Message-ID
  mailbox.uid_next = imap::Uid(20);
  mailbox.modseq = imap::ModSeq(90);
  local_.expunge("INBOX", imap::Uid(1));
  local_.expunge("INBOX", imap::Uid(2));
  EXPECT_FALSE(pass());
  EXPECT_THAT(problems(), HasSubstr("other messages in their place"));
  EXPECT_THAT(texts(remote_), ElementsAre("new", "odd", "one"));
  EXPECT_TRUE(pass()) << problems();
  EXPECT_THAT(texts(remote_), ElementsAre("new", "odd", "one", "six"));
  EXPECT_EQ(texts(local_), texts(remote_));
  local_.expunge("INBOX", local_.find("INBOX")->letters.rbegin()->first);
  EXPECT_TRUE(pass()) << problems();
  EXPECT_EQ(texts(remote_).size(), 3u);
  EXPECT_EQ(texts(local_), texts(remote_));
}

TEST_F(PassTest, AMessageSentThereIsKnownByItsMessageId) {
  local_.append("INBOX", letter("a", "one"));
  EXPECT_TRUE(pass());
  auto& mailbox = *remote_.find("INBOX");
  mailbox.letters.at(imap::Uid(1)).first.text = letter("b", "new").text;
  local_.expunge("INBOX", imap::Uid(1));
  EXPECT_FALSE(pass());
  EXPECT_TRUE(pass()) << problems();
  EXPECT_THAT(texts(remote_), ElementsAre("new"));
  EXPECT_THAT(texts(local_), ElementsAre("new"));
}

TEST_F(PassTest, AMessagePairedAtFirstSightIsKnownByItsMessageId) {
  local_.append("INBOX", letter("a", "one"));
  remote_.append("INBOX", letter("a", "one"));
  EXPECT_TRUE(pass());
  remote_.find("INBOX")->letters.at(imap::Uid(1)).first.text = letter("b", "new").text;
  local_.expunge("INBOX", imap::Uid(1));
  EXPECT_FALSE(pass());
  EXPECT_THAT(texts(remote_), ElementsAre("new"));
}

TEST_F(PassTest, AMailboxMissingOnOneSideIsReportedAndKept) {
  local_.create("work");
  local_.append("work", letter("a", "one"));
  EXPECT_TRUE(pass());
  EXPECT_THAT(texts(remote_, "work"), ElementsAre("one"));
  remote_.remove("work");
  EXPECT_FALSE(pass());
  EXPECT_THAT(problems(), HasSubstr("no longer on there"));
  EXPECT_THAT(texts(local_, "work"), ElementsAre("one"));
  EXPECT_EQ(remote_.find("work"), nullptr);
}

TEST_F(PassTest, AMailboxGoneOnBothSidesIsForgotten) {
  local_.create("work");
  local_.append("work", letter("a", "one"));
  EXPECT_TRUE(pass());
  local_.remove("work");
  remote_.remove("work");
  EXPECT_TRUE(pass());
  remote_.create("work");
  remote_.append("work", letter("b", "two"));
  EXPECT_TRUE(pass()) << problems();
  EXPECT_THAT(texts(local_, "work"), ElementsAre("two"));
}

TEST_F(PassTest, OneMailboxsTroubleIsNotTheOthers) {
  local_.create("work");
  EXPECT_TRUE(pass());
  for (int i = 0; i < 20; ++i) remote_.append("INBOX", letter("r" + std::to_string(i), "far"));
  for (int i = 0; i < 20; ++i) local_.append("INBOX", letter("l" + std::to_string(i), "two"));
  remote_.find("INBOX")->uid_validity = imap::UidValidity(4711);
  local_.append("work", letter("a", "one"));
  EXPECT_FALSE(pass());
  EXPECT_THAT(texts(remote_, "work"), ElementsAre("one"));
  EXPECT_THAT(texts(remote_), testing::Not(testing::Contains("two")));
}

TEST_F(PassTest, ScopeLeavesTheRestAlone) {
  for (const auto* name : {"work", "play"}) remote_.create(name);
  const mirror::Scope scope{[](const mirror::MailboxPath& path) { return path.text() != "play"; }, false};
  EXPECT_TRUE(pass(scope));
  EXPECT_THAT(local_.mailboxes(), ElementsAre("INBOX", "work"));
}

TEST_F(PassTest, OnlySubscribed) {
  const mirror::Scope scope{[](const mirror::MailboxPath&) { return true; }, true};
  remote_.create("work");
  remote_.set_subscribed("work", true);
  EXPECT_TRUE(pass(scope));
  EXPECT_THAT(local_.mailboxes(), ElementsAre("INBOX", "work"));
  EXPECT_TRUE(local_.is_subscribed("work"));
  // Given up on both sides, and later taken up again on one: that is a new wish, and not what is left of an old one.
  local_.set_subscribed("work", false);
  remote_.set_subscribed("work", false);
  EXPECT_TRUE(pass(scope));
  local_.set_subscribed("work", true);
  EXPECT_TRUE(pass(scope));
  EXPECT_TRUE(local_.is_subscribed("work"));
  EXPECT_TRUE(remote_.is_subscribed("work"));
}

TEST_F(PassTest, SubscriptionsAreMergedThreeWays) {
  for (const auto* name : {"a", "b", "c"}) local_.create(name);
  local_.set_subscribed("a", true);
  EXPECT_TRUE(pass());
  EXPECT_TRUE(remote_.is_subscribed("a"));
  remote_.set_subscribed("a", false);
  remote_.set_subscribed("b", true);
  EXPECT_TRUE(pass());
  EXPECT_FALSE(local_.is_subscribed("a"));
  EXPECT_TRUE(local_.is_subscribed("b"));
  EXPECT_FALSE(local_.is_subscribed("c"));
}

// A flag that was set and taken back by one user stays taken back, wherever the pass in between was cut off, also by a
// power cut; and the same for one that was taken away and set again.
TEST_F(PassTest, AFlagTakenBackAfterAPassThatWasCutOff) {
  std::mt19937_64 random(1);
  const imap::FlagSet seen{imap::Flag::Seen}, kept{imap::Flag::Flagged};
  local_.append("INBOX", letter("a", "one", 1, kept));
  ASSERT_TRUE(pass());
  const auto flags_of = [](MemoryServer& side) { return side.letters("INBOX").front().flags; };
  const auto change = [](MemoryServer& side, imap::FlagChange how, const imap::FlagSet& flags) {
    side.change_flags("INBOX", side.letters("INBOX").front().uid, how, flags);
  };
  for (int step = 1; step < 25; ++step)
    for (int kind = 0; kind < 8; ++kind) {
      auto& user = kind % 2 == 0 ? local_ : remote_;
      disk_.wait();
      change(user, imap::FlagChange::Add, seen);
      change(user, imap::FlagChange::Remove, kept);
      fuse_.set(step, kind % 4 < 2 ? Fuse::End::Before : Fuse::End::After);
      try {
        pass();
      } catch (const mirror::Failure&) {
      }
      fuse_.remove();
      if (kind >= 4) disk_.cut_power(random);
      change(user, imap::FlagChange::Remove, seen);
      change(user, imap::FlagChange::Add, kept);
      EXPECT_TRUE(pass());
      EXPECT_EQ(flags_of(local_), kept) << step << " " << kind;
      EXPECT_EQ(flags_of(remote_), kept) << step << " " << kind;
    }
}

// One refused message stops no other, is tried again, and is not taken for copied.
TEST_F(PassTest, ARefusedMessage) {
  int asked = 0;
  for (const auto* text : {"one", "two", "six"}) local_.append("INBOX", letter(text, text));
  remote_.refuses = [&] { return ++asked <= 2; };  // all three together, then the first
  EXPECT_FALSE(pass());
  EXPECT_THAT(
      problems(),
      HasSubstr("INBOX: a message without a subject (1970-01-01 00:16) on here cannot be copied to there: the model "
                "refuses it. Each `postern sync` "));
  EXPECT_THAT(texts(remote_), ElementsAre("six", "two"));
  remote_.refuses = {};
  EXPECT_TRUE(pass());
  EXPECT_THAT(texts(remote_), ElementsAre("one", "six", "two"));
}

// What is refused again and again keeps nothing else back: where the sides stand is remembered, and it is said each
// time.
TEST_F(PassTest, ARefusedMessageIsHeldAndItsMailboxGoesOn) {
  local_.append("INBOX", letter("a", "one"));
  remote_.refuses = [] { return true; };
  EXPECT_FALSE(pass());
  local_.append("INBOX", letter("b", "two"));
  int asked = 0;
  remote_.refuses = [&] { return ++asked == 2; };  // what is new, then the first, tried again by itself
  EXPECT_FALSE(pass());
  EXPECT_THAT(texts(remote_), ElementsAre("two"));
  const auto record = journal_record();
  EXPECT_EQ(record.local, local_.state_of(*local_.find("INBOX")));
  EXPECT_EQ(record.remote, remote_.state_of(*remote_.find("INBOX")));

  asked = 10;
  tries_held_ = false;
  EXPECT_FALSE(pass());
  EXPECT_THAT(
      problems(),
      HasSubstr(
          "a message without a subject (1970-01-01 00:16) on here cannot be copied to there: the model refuses it"));
  EXPECT_EQ(asked, 10) << "tried again too soon";
  tries_held_ = true;
  EXPECT_TRUE(pass()) << problems();
  EXPECT_THAT(texts(remote_), ElementsAre("one", "two"));
  EXPECT_TRUE(pass());
}

TEST_F(PassTest, AHeldMessageThatIsExpungedIsForgotten) {
  local_.append("INBOX", letter("a", "one"));
  remote_.refuses = [] { return true; };
  EXPECT_FALSE(pass());
  local_.expunge("INBOX", imap::Uid(1));
  EXPECT_TRUE(pass()) << problems();
  EXPECT_THAT(texts(remote_), IsEmpty());
}

// A server that takes a message and changes it until nothing tells it: there is one copy more at most.
TEST_F(PassTest, AMessageThatIsNotFoundAgainIsNotSentAgain) {
  MemoryServer strange("there", {.returns_uids = false, .rewrites = true}, fuse_, disk_);
  local_.append("INBOX", letter("", "one"));
  const auto pass_with = [&] {
    progress_ = {};
    mirror::Journal journal(make_disk_storage(disk_, fuse_), "account");
    mirror::PassContext context{journal, workers_, progress_, {}};
    return run_pass(context, local_, strange, {[](const mirror::MailboxPath&) { return true; }, false});
  };
  for (int i = 0; i < 5; ++i) {
    EXPECT_FALSE(pass_with());
    EXPECT_THAT(
        problems(),
        HasSubstr("a message without a subject (1970-01-01 00:16) on here was copied to there, and is not sent again"));
  }
  EXPECT_EQ(local_.letters("INBOX").size(), 2u);  // itself, and the other one
  EXPECT_EQ(strange.letters("INBOX").size(), 1u);
}

}  // namespace
}  // namespace tests
