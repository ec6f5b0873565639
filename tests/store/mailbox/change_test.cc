// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// A change of a mailbox happens whole, or as if it had never been: whatever step of it fails, and wherever it crashes.
#include "store/mailbox/change.h"

#include <algorithm>
#include <functional>
#include <set>
#include <thread>

#include "tests/store/mailbox/change_case.h"

namespace {

namespace fs = std::filesystem;
using base::FailPoint;
using tests::many_keywords;

struct Refused : std::runtime_error {
  Refused() : std::runtime_error("at_commit refuses") {}
};

const store::AtCommit kRefuses = [](std::span<const imap::Uid>, store::StateBatch&) { throw Refused(); };

// What can be seen of a mailbox, in memory and in its directory.
struct Sight {
  store::MailboxStatus status;
  std::vector<store::Message> messages;
  std::vector<std::string> keywords;
  std::set<std::string> files;

  bool operator==(const Sight& other) const {
    return messages == other.messages && keywords == other.keywords && files == other.files &&
           status.uid_next == other.status.uid_next && status.highest_modseq == other.status.highest_modseq &&
           status.unseen == other.status.unseen && status.deleted == other.status.deleted &&
           status.recent == other.status.recent;
  }
};

class Change : public tests::ChangeCase {
 protected:
  using Act = std::function<bool(const store::AtCommit&)>;  // whether it was done

  void SetUp() override { open_with_messages(); }

  Sight sight(const std::string& name) {
    Sight out;
    const auto box = mailbox(name);
    out.status = box->status();
    out.messages = box->messages(everything());
    out.keywords = box->keywords();
    for (const char* part : {"cur", "new", "tmp"})
      for (const auto& file : fs::directory_iterator(directory(name) / part))
        out.files.insert(part + ("/" + file.path().filename().string()));
    return out;
  }
  std::vector<Sight> sights() { return {sight("INBOX"), sight("other")}; }

  bool append_two(const store::AtCommit& at_commit) {
    std::vector<store::NewMessage> messages;
    for (const char* text : {"Subject: a\r\n\r\na\r\n", "Subject: b\r\n\r\nb\r\n"})
      messages.push_back({imap::Literal(text), many_keywords("fresh"), 1000});
    return mailbox()->append(messages, at_commit).has_value();
  }
  bool change_flags(const store::AtCommit& at_commit) {
    return mailbox()
        ->change_flags(everything(), imap::FlagChange::Add, many_keywords("fresh"), {}, at_commit)
        .has_value();
  }
  bool expunge(const store::AtCommit& at_commit) { return mailbox()->expunge(std::nullopt, at_commit).has_value(); }
  bool copy(const store::AtCommit& at_commit) {
    return mailbox()->copy_to(imap::UidSet{{1, 3}}, *mailbox("other"), at_commit).has_value();
  }
  bool move(const store::AtCommit& at_commit) {
    return mailbox()->move_to(imap::UidSet{{1, 4}}, *mailbox("other"), at_commit).has_value();
  }

  // Each step fails in turn until the act succeeds.
  void expect_nothing_of(const Act& act) {
    const auto before = sights();
    EXPECT_THROW(act(kRefuses), Refused);
    EXPECT_EQ(sights(), before);
    for (int step = 1;; ++step) {
      FailPoint::arm(FailPoint::Mode::DiskFull, step);
      const bool done = act({});
      FailPoint::disarm();
      if (done) break;
      ASSERT_LT(step, 200);
      EXPECT_EQ(sights(), before) << "step " << step;
      if (step % 3 != 0) continue;
      store_->drain_renames();
      reopen();
      if (in_pieces_) write_in_pieces();
      store_->drain_renames();
      EXPECT_EQ(sights(), before) << "reopened after step " << step;
    }
    store_->drain_renames();
    const auto after = sights();
    EXPECT_NE(after, before);
    reopen();
    if (in_pieces_) write_in_pieces();
    EXPECT_EQ(sights(), after);
  }

  bool in_pieces_ = false;
};

TEST_F(Change, AnAppendThatFailsHasNotBeen) {
  expect_nothing_of([this](const auto& at_commit) { return append_two(at_commit); });
}
TEST_F(Change, AChangeOfFlagsThatFailsHasNotBeen) {
  expect_nothing_of([this](const auto& at_commit) { return change_flags(at_commit); });
}
TEST_F(Change, AnExpungeThatFailsHasNotBeen) {
  expect_nothing_of([this](const auto& at_commit) { return expunge(at_commit); });
}
TEST_F(Change, ACopyThatFailsHasNotBeen) {
  expect_nothing_of([this](const auto& at_commit) { return copy(at_commit); });
}
TEST_F(Change, AMoveThatFailsHasNotBeen) {
  expect_nothing_of([this](const auto& at_commit) { return move(at_commit); });
}

TEST_F(Change, SoDoLargeOnes) {
  in_pieces_ = true;
  write_in_pieces();
  expect_nothing_of([this](const auto& at_commit) { return copy(at_commit); });
  expect_nothing_of([this](const auto& at_commit) { return move(at_commit); });
  expect_nothing_of([this](const auto& at_commit) { return append_two(at_commit); });
}

// What a failed change wrote ahead is not taken for messages once UIDs are given again, to fewer or to others.
TEST_F(Change, RowsOfALargeOneThatFailedDoNotComeBack) {
  write_in_pieces();
  EXPECT_THROW(copy(kRefuses), Refused);
  append(*mailbox("other"), 1);
  deliver("other");
  mailbox("other")->check();
  const auto before = sight("other");
  EXPECT_EQ(before.messages.size(), 3u);
  reopen();
  EXPECT_EQ(sight("other"), before);
  for (const auto& message : before.messages)
    EXPECT_NE(content_of(*mailbox("other"), message.uid).find("Subject: "), std::string::npos);
}

TEST_F(Change, ALargeExpungeIsOfSeveralChanges) {
  write_in_pieces();
  ASSERT_TRUE(mailbox()->change_flags(imap::UidSet{{1, 4}}, imap::FlagChange::Add, {imap::Flag::Deleted}));
  const auto before = mailbox()->status().highest_modseq;
  const auto removed = mailbox()->expunge(std::nullopt);
  ASSERT_TRUE(removed);
  EXPECT_EQ(*removed, (imap::UidSet{{1, 4}}));
  EXPECT_EQ(mailbox()->uids(), std::vector<imap::Uid>{imap::Uid(5)});
  EXPECT_EQ(mailbox()->status().highest_modseq.value, before.value + 4);
  reopen();
  EXPECT_EQ(mailbox()->uids(), std::vector<imap::Uid>{imap::Uid(5)});
}

TEST_F(Change, WhatOthersBroughtIsTakenUpWholeOrLater) {
  deliver();
  fs::remove(directory() / "cur" / sight("INBOX").files.begin()->substr(4));
  const auto before = sight("INBOX");
  const auto box = mailbox();
  for (int step = 1;; ++step) {
    ASSERT_LT(step, 50);
    FailPoint::arm(FailPoint::Mode::DiskFull, step);
    bool done = true;
    try {
      box->check();
    } catch (const std::system_error&) {
      done = false;
    }
    FailPoint::disarm();
    if (done) break;
    EXPECT_EQ(sight("INBOX"), before) << "step " << step;
  }
  EXPECT_EQ(box->status().messages, 5u);  // one came, one went
  EXPECT_GT(box->status().highest_modseq, before.status.highest_modseq);
}

TEST_F(Change, KeywordsOfAFailedChangeDoNotOutliveTheIndex) {
  EXPECT_THROW(append_two(kRefuses), Refused);
  append(*mailbox(), 2);
  const auto before = mailbox()->messages(everything());
  store_.reset();
  fs::remove_all(root_.path() / ".postern" / "index");
  open();
  const auto after = mailbox()->messages(everything());
  ASSERT_EQ(after.size(), before.size());
  for (std::size_t i = 0; i < after.size(); ++i) EXPECT_EQ(after[i].flags, before[i].flags) << i;
}

// Whoever only asks what the messages are waits for no change, however long that takes.
TEST_F(Change, AReaderDoesNotWaitForAChangeUnderWay) {
  const auto box = mailbox();
  std::optional<store::Changes> seen;
  bool looked = true;
  const store::AtCommit asks = [&](std::span<const imap::Uid>, store::StateBatch&) {
    std::thread([&] {  // the change is under way as long as this runs
      box->status();
      box->messages(everything());
      box->keywords();
      seen = box->changes_since(imap::ModSeq(0));
      looked = box->check_soon();
    })
        .join();
  };
  EXPECT_TRUE(append_two(asks));
  ASSERT_TRUE(seen);
  EXPECT_EQ(seen->changed.size(), 5u);  // what is not committed has not happened
  EXPECT_FALSE(looked);
  EXPECT_EQ(box->status().messages, 7u);
}

}  // namespace
