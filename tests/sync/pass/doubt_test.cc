// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// What a pass does not know for certain: what became of a message that it has sent, and what has happened since a
// journal that is older than the mail.
#include <gmock/gmock.h>

#include "tests/sync/pass/pass_fixture.h"

namespace tests {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class LateServer : public PassTest {
 protected:
  // A server without UIDPLUS.
  void use(Traits traits) {
    traits.returns_uids = false;
    late_ = std::make_unique<MemoryServer>("there", traits, fuse_, disk_);
  }
  bool pass() {
    progress_ = {};
    mirror::Journal journal(make_disk_storage(disk_, fuse_), "account");
    mirror::PassContext context{journal, workers_, progress_, {}, tries_held_};
    try {
      return run_pass(context, local_, *late_, {[](const mirror::MailboxPath&) { return true; }, false});
    } catch (const mirror::Failure&) {
      if (!fuse_.burnt()) throw;
      return false;
    }
  }

  std::unique_ptr<MemoryServer> late_;
};

// In the foreground and in the background (where what is held is not always tried), with Message-ID and without.
TEST_F(LateServer, AMessageThatIsShownLaterIsSentOnce) {
  for (int looks = 1; looks < 6; ++looks)
    for (const bool named : {true, false})
      for (const bool modseq : {true, false}) {
        tries_held_ = looks % 2 == 0;
        local_.remove("INBOX");
        local_.create("INBOX");
        put_back({});
        use({.modseq = modseq, .shows_after = looks});
        late_->append("INBOX", letter("old", "old"));
        pass();
        local_.append("INBOX", letter(named ? "a" : "", "one"));
        for (int i = 0; i < 8; ++i) pass();
        EXPECT_TRUE(pass()) << problems();
        EXPECT_EQ(late_->taken, 1) << looks;
        EXPECT_THAT(texts(local_), ElementsAre("old", "one"));
        EXPECT_THAT(texts(*late_), ElementsAre("old", "one"));
        local_.expunge("INBOX", local_.letters("INBOX").back().uid);  // it is the pair of what was shown
        EXPECT_TRUE(pass()) << problems();
        EXPECT_THAT(texts(*late_), ElementsAre("old"));
      }
}

// Nobody has heard the answer. What comes later is the message, whatever came before it.
TEST_F(LateServer, AMessageWhoseAnswerWasCutOffIsSentOnce) {
  for (int step = 1; step < 25; ++step)
    for (const auto end : {Fuse::End::Before, Fuse::End::After}) {
      local_.remove("INBOX");
      local_.create("INBOX");
      put_back({});
      use({.shows_after = 4});
      local_.append("INBOX", letter("", "one"));
      fuse_.set(step, end);
      pass();
      fuse_.remove();
      const auto then = late_->taken;
      late_->append("INBOX", letter("", "two"));
      for (int i = 0; i < 9; ++i) pass();
      EXPECT_LE(late_->taken, 1) << step;
      EXPECT_GE(late_->taken, then);
      EXPECT_THAT(texts(local_), ElementsAre("one", "two")) << step;
      if (late_->taken == 1) {
        EXPECT_THAT(texts(*late_), ElementsAre("one", "two")) << step;
      } else {
        EXPECT_THAT(problems(), HasSubstr("not sent again"));
      }
    }
}

TEST_F(LateServer, WhatIsNeverShownIsHeldAndSaid) {
  use({.shows_after = 1000});
  local_.append("INBOX", letter("a", "one"));
  for (int i = 0; i < 5; ++i) {
    EXPECT_FALSE(pass());
    EXPECT_THAT(problems(), HasSubstr("not sent again"));
  }
  EXPECT_EQ(late_->taken, 1);
  local_.append("INBOX", letter("b", "two"));  // others go on
  EXPECT_FALSE(pass());
  EXPECT_EQ(late_->taken, 2);
  for (const auto& one : local_.letters("INBOX")) local_.expunge("INBOX", one.uid);
  EXPECT_TRUE(pass()) << problems();
}

// The copy that the server has made is one of its own messages.
TEST_F(LateServer, WhatIsShownTwiceIsPairedOnce) {
  use({.shows_after = 2, .shows_times = 2});
  local_.append("INBOX", letter("a", "one"));
  for (int i = 0; i < 4; ++i) pass();
  EXPECT_TRUE(pass()) << problems();
  EXPECT_EQ(late_->taken, 1);
  EXPECT_THAT(texts(local_), ElementsAre("one", "one"));
  EXPECT_THAT(texts(*late_), ElementsAre("one", "one"));
}

// A journal that is put back as it was, while both sides have gone on.
class OlderState : public PassTest {
 protected:
  // Says that the journal has lost what was written last.
  struct Told final : mirror::JournalStorage {
    Told(std::unique_ptr<mirror::JournalStorage> s, std::string l) : storage(std::move(s)), said(std::move(l)) {}
    void for_each(std::string_view prefix, const std::function<void(std::string_view, std::string_view)>& f) override {
      storage->for_each(prefix, f);
    }
    void write(const store::StateBatch& batch, bool durable) override { storage->write(batch, durable); }
    std::string lost() const override { return said; }
    std::unique_ptr<mirror::JournalStorage> storage;
    std::string said;
  };
  bool pass() {
    progress_ = {};
    mirror::Journal journal(std::make_unique<Told>(make_disk_storage(disk_, fuse_), lost_), "account");
    mirror::PassContext context{journal, workers_, progress_, {}, tries_held_};
    return run_pass(context, local_, remote_, {[](const mirror::MailboxPath&) { return true; }, false});
  }
  std::map<std::string, std::string> kept() {
    disk_.wait();
    return disk_.contents();
  }
  std::string lost_;
};

TEST_F(OlderState, NothingIsDoubled) {
  for (const auto* lost : {"", "7"}) {  // also where nobody has noticed
    SCOPED_TRACE(lost);
    for (auto* side : {&local_, &remote_}) side->remove("INBOX"), side->create("INBOX");
    put_back({});
    lost_ = "";
    for (const auto* text : {"one", "two"}) remote_.append("INBOX", letter(text, text));
    ASSERT_TRUE(pass());
    const auto before = kept();
    for (const auto* text : {"far", "six"}) remote_.append("INBOX", letter(text, text));
    remote_.append("INBOX", letter("", "odd"));
    local_.append("INBOX", letter("near", "abc", 7, {imap::Flag::Seen}));
    local_.append("INBOX", letter("", "xyz"));
    ASSERT_TRUE(pass());
    remote_.expunge("INBOX", imap::Uid(3));  // "far"
    ASSERT_TRUE(pass());
    ASSERT_THAT(texts(remote_), ElementsAre("abc", "odd", "one", "six", "two", "xyz"));
    put_back(before);
    lost_ = lost;
    local_.append("INBOX", letter("new", "new"));
    ASSERT_TRUE(pass()) << problems();
    EXPECT_THAT(problems(), IsEmpty());
    EXPECT_THAT(texts(local_), ElementsAre("abc", "new", "odd", "one", "six", "two", "xyz"));
    EXPECT_EQ(texts(remote_), texts(local_));
    EXPECT_TRUE(pass());
    EXPECT_FALSE(progress_.counts.any());
    local_.expunge("INBOX", local_.letters("INBOX").back().uid);
    EXPECT_TRUE(pass());
    EXPECT_EQ(texts(remote_), texts(local_));
  }
}

// Whether it was deleted here, or lost here with the journal, nobody knows.
TEST_F(OlderState, WhatOnlyOneSideHasIsNotTakenForDeleted) {
  for (const auto* text : {"one", "two", "six"}) remote_.append("INBOX", letter(text, text));
  ASSERT_TRUE(pass());
  local_.expunge("INBOX", imap::Uid(1));
  remote_.expunge("INBOX", imap::Uid(2));
  lost_ = "1";
  EXPECT_TRUE(pass()) << problems();
  EXPECT_EQ(texts(local_), texts(remote_));
  EXPECT_THAT(texts(local_), ElementsAre("one", "six", "two"));
  EXPECT_THAT(problems(), HasSubstr("INBOX: what was known of this mailbox was older than its mail; 2 messages"));
  local_.expunge("INBOX", imap::Uid(3));  // from now on it is known again
  EXPECT_TRUE(pass());
  EXPECT_THAT(texts(remote_), ElementsAre("one", "two"));
}

TEST_F(OlderState, AMessageThatGotAnotherUidIsTheSame) {
  for (const auto* text : {"one", "two"}) remote_.append("INBOX", letter(text, text));
  ASSERT_TRUE(pass());
  const auto one = local_.letters("INBOX").front();
  local_.expunge("INBOX", one.uid);
  local_.append("INBOX", one);
  lost_ = "1";
  EXPECT_TRUE(pass()) << problems();
  EXPECT_THAT(problems(), IsEmpty());
  EXPECT_THAT(texts(local_), ElementsAre("one", "two"));
  EXPECT_THAT(texts(remote_), ElementsAre("one", "two"));
}

// Files that were fetched anew, under a journal of before: nobody has said that those of before were removed.
TEST_F(OlderState, MessagesThatGotOtherUidsAreTheSameThoughNothingTells) {
  for (const bool here : {true, false}) {
    SCOPED_TRACE(here);
    for (auto* side : {&local_, &remote_}) side->remove("INBOX"), side->create("INBOX");
    put_back({});
    for (const auto* text : {"one", "two", "six"}) remote_.append("INBOX", letter(text, text));
    ASSERT_TRUE(pass());
    auto& side = here ? local_ : remote_;
    for (const auto& one : side.letters("INBOX")) {
      side.expunge("INBOX", one.uid);
      side.append("INBOX", one);
    }
    remote_.append("INBOX", letter("new", "new"));
    EXPECT_TRUE(pass()) << problems();
    EXPECT_THAT(problems(), IsEmpty());
    EXPECT_THAT(texts(local_), ElementsAre("new", "one", "six", "two"));
    EXPECT_THAT(texts(remote_), ElementsAre("new", "one", "six", "two"));
    EXPECT_EQ(progress_.counts.copied_to_remote, 0u);
    EXPECT_EQ(progress_.counts.copied_to_local, 1u);
    EXPECT_TRUE(pass());
    EXPECT_FALSE(progress_.counts.any());
  }
}

TEST_F(OlderState, IsToldOnce) {
  remote_.append("INBOX", letter("a", "one"));
  lost_ = "1";
  EXPECT_TRUE(pass());
  local_.expunge("INBOX", imap::Uid(1));
  EXPECT_TRUE(pass());
  EXPECT_THAT(texts(remote_), IsEmpty());
}

// The same message, put into both mailboxes by others between two passes.
TEST_F(PassTest, WhatComesToBothSidesIsPaired) {
  ASSERT_TRUE(pass());
  local_.append("INBOX", letter("a", "one", 5, {imap::Flag::Seen}));
  remote_.append("INBOX", letter("a", "one", 5, {imap::Flag::Flagged}));
  local_.append("INBOX", letter("b", "two"));
  remote_.append("INBOX", letter("b", "six", 9));  // an edited draft
  EXPECT_TRUE(pass());
  EXPECT_EQ(progress_.counts.paired, 1u);
  EXPECT_THAT(texts(local_), ElementsAre("one", "six", "two"));
  EXPECT_THAT(texts(remote_), ElementsAre("one", "six", "two"));
  const imap::FlagSet both{imap::Flag::Seen, imap::Flag::Flagged};
  EXPECT_EQ(local_.letters("INBOX").front().flags, both);
  EXPECT_EQ(remote_.letters("INBOX").front().flags, both);
}

// A connection that breaks before the first message says nothing about that message: it comes with the next pass, also
// in the background.
TEST_F(PassTest, ABrokenConnectionHoldsNoMessage) {
  tries_held_ = false;
  for (int step = 1; step < 15; ++step) {
    remote_.append("INBOX", letter("", "one"));
    fuse_.set(step, Fuse::End::Before);
    try {
      pass();
    } catch (const mirror::Failure&) {
    }
    fuse_.remove();
    EXPECT_TRUE(pass()) << step << problems();
    EXPECT_EQ(local_.letters("INBOX").size(), static_cast<std::size_t>(step));
  }
}

}  // namespace
}  // namespace tests
