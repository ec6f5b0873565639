// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Messages whose text is not here yet: what is known of them, what keeps them, and what becomes of them.
#include "store/mailbox/elsewhere.h"

#include <tuple>

#include "proto/base/fail_point.h"
#include "store/mailbox/mailbox_impl.h"
#include "tests/store/store_case.h"

namespace tests {
namespace {

namespace keys = store::keys;
using imap::Uid;
using imap::UidSet;

const std::string kText = "Subject: far\r\n\r\naway\r\n";

class ElsewhereTest : public StoreCase {
 protected:
  void SetUp() override {
    open();
    ASSERT_TRUE(store_->create(imap::MailboxName("other")));
  }
  static store::ExpectedMessage expected(const imap::FlagSet& flags = {}) {
    store::ExpectedMessage out{.flags = flags, .internal_date = 5000, .wire_size = kText.size(), .envelope = {}};
    out.envelope.subject = "far";
    return out;
  }
  static Uid expect(store::Mailbox& mailbox, const imap::FlagSet& flags = {}) {
    const auto message = expected(flags);
    return store::expect_messages(mailbox, {&message, 1}).value().at(0);
  }
  static store::Message known(store::Mailbox& mailbox, Uid uid) { return mailbox.messages(UidSet::of(uid)).at(0); }
  static void expect_is_elsewhere(store::Mailbox& mailbox, Uid uid) {
    const auto messages = mailbox.messages(UidSet::of(uid));
    ASSERT_EQ(messages.size(), 1u);
    EXPECT_TRUE(messages[0].elsewhere && !messages[0].complete);
    EXPECT_EQ(messages[0].size, kText.size());
    EXPECT_EQ(messages[0].internal_date, 5000);
    EXPECT_THROW(content_of(mailbox, uid), store::TextElsewhere);
  }
  std::size_t files() const { return maildir_files(directory()).size(); }
};

TEST_F(ElsewhereTest, WhatIsKnownOfItIsAnsweredAndItsTextIsNot) {
  auto inbox = mailbox();
  const auto uid = expect(*inbox, {imap::Flag::Flagged});
  expect_is_elsewhere(*inbox, uid);
  EXPECT_TRUE(known(*inbox, uid).flags.has(imap::Flag::Flagged));
  EXPECT_EQ(inbox->size(), kText.size());
  const auto reader = inbox->reader();
  const auto* envelope = reader->envelope(uid);
  ASSERT_NE(envelope, nullptr);
  EXPECT_EQ(envelope->subject, "far");
  EXPECT_THROW(reader->header(uid), store::TextElsewhere);
  EXPECT_THROW(reader->body_structure(uid), store::TextElsewhere);
  EXPECT_THROW(reader->content_id(uid), store::TextElsewhere);
}

TEST_F(ElsewhereTest, ReopeningAndReadingsOfTheDirectoryKeepIt) {
  const auto first = append(*mailbox(), 1).at(0);
  const auto uid = expect(*mailbox());
  deliver();
  mailbox()->check();
  expect_is_elsewhere(*mailbox(), uid);
  EXPECT_EQ(mailbox()->status().messages, 3u);
  deliver();
  reopen();  // reads the directory again, as it has changed
  expect_is_elsewhere(*mailbox(), uid);
  EXPECT_EQ(mailbox()->status().messages, 4u);
  EXPECT_EQ(mailbox()->reader()->envelope(uid)->subject, "far");
  EXPECT_EQ(mailbox()->messages(UidSet::of(first)).size(), 1u);
}

TEST_F(ElsewhereTest, RowsThatAreMadeAnewKeepIt) {
  const auto damaged = append(*mailbox(), 1).at(0);
  const auto uid = expect(*mailbox(), {imap::Flag::Flagged});
  const auto last = append(*mailbox(), 1).at(0);
  {
    auto& impl = dynamic_cast<store::MailboxImpl&>(*mailbox());
    store::IndexBatch batch;
    batch.put(keys::row(impl.id(), damaged), "\xFF no row");
    impl.core().index->write(batch, true);
  }
  reopen();
  EXPECT_EQ(mailbox()->uids(), (std::vector{damaged, uid, last}));
  expect_is_elsewhere(*mailbox(), uid);
  EXPECT_TRUE(known(*mailbox(), uid).flags.has(imap::Flag::Flagged));
  reopen();
  EXPECT_EQ(mailbox()->uids(), (std::vector{damaged, uid, last}));
}

TEST_F(ElsewhereTest, ItsFlagsAreChangedAndItIsExpungedWithoutAFile) {
  auto inbox = mailbox();
  const auto uid = expect(*inbox);
  ASSERT_TRUE(inbox->change_flags(UidSet::of(uid), imap::FlagChange::Add, {imap::Flag::Deleted}));
  store_->drain_renames();
  expect_is_elsewhere(*inbox, uid);
  EXPECT_EQ(files(), 0u);
  EXPECT_EQ(inbox->expunge(std::nullopt).value(), UidSet::of(uid));
  store_->drain_renames();
  reopen();
  EXPECT_TRUE(mailbox()->uids().empty());
}

TEST_F(ElsewhereTest, ItsTextComesUnderItsUid) {
  auto inbox = mailbox();
  const auto before = expect(*inbox), uid = expect(*inbox, {imap::Flag::Seen});
  bool told = false;
  const auto feed = inbox->subscribe([&] { told = true; });
  ASSERT_TRUE(store::text_arrived(*inbox, uid, imap::Literal(kText)));
  EXPECT_TRUE(told);
  EXPECT_EQ(content_of(*inbox, uid), kText);
  EXPECT_TRUE(known(*inbox, uid).complete && !known(*inbox, uid).elsewhere);
  EXPECT_EQ(known(*inbox, uid).internal_date, 5000);
  expect_is_elsewhere(*inbox, before);
  inbox->check();
  EXPECT_EQ(inbox->uids(), (std::vector{before, uid}));
  ASSERT_FALSE(store::text_arrived(*inbox, uid, imap::Literal(kText))) << "it comes once";
  reopen();
  EXPECT_EQ(content_of(*mailbox(), uid), kText);
  EXPECT_TRUE(known(*mailbox(), uid).flags.has(imap::Flag::Seen));
  EXPECT_EQ(files(), 1u);
}

TEST_F(ElsewhereTest, ATextOfAnotherSizeIsRefused) {
  auto inbox = mailbox();
  const auto uid = expect(*inbox);
  EXPECT_FALSE(store::text_arrived(*inbox, uid, imap::Literal(kText + "more\r\n")));
  expect_is_elsewhere(*inbox, uid);
  EXPECT_EQ(files(), 0u);
}

TEST_F(ElsewhereTest, WhereverItIsCutOffTheTextIsHereOrItIsNot) {
  for (int step = 0;; ++step) {
    SCOPED_TRACE(step);
    ASSERT_LT(step, 100);
    const auto uid = expect(*mailbox());
    base::FailPoint::arm(base::FailPoint::Mode::Crash, step + 1);
    bool came = false;
    try {
      came = store::text_arrived(*mailbox(), uid, imap::Literal(kText)).has_value();
    } catch (const base::SimulatedCrash&) {
    }
    store_.reset();
    base::FailPoint::disarm();
    open();
    const auto messages = mailbox()->messages(UidSet::of(uid));
    ASSERT_EQ(messages.size(), 1u);
    if (messages[0].elsewhere)
      EXPECT_FALSE(came);
    else
      EXPECT_EQ(content_of(*mailbox(), uid), kText);
    store_->drain_renames();
    mailbox()->check();
    EXPECT_EQ(mailbox()->uids().size(), static_cast<std::size_t>(step) + 1) << "no second message";
    if (came) break;
  }
}

TEST_F(ElsewhereTest, ItIsNeitherCopiedNorMoved) {
  auto inbox = mailbox(), other = mailbox("other");
  append(*inbox, 1);
  const auto uid = expect(*inbox);
  EXPECT_THROW(std::ignore = inbox->copy_to(everything(), *other), store::TextElsewhere);
  EXPECT_THROW(std::ignore = inbox->move_to(UidSet::of(uid), *other), store::TextElsewhere);
  EXPECT_EQ(other->status().messages, 0u);
  EXPECT_EQ(inbox->status().messages, 2u);
  ASSERT_TRUE(store::text_arrived(*inbox, uid, imap::Literal(kText)));
  EXPECT_TRUE(inbox->move_to(UidSet::of(uid), *other));
  EXPECT_EQ(content_of(*other, other->uids().at(0)), kText);
}

TEST_F(ElsewhereTest, ASearchThatItsTextWouldDecideTellsAllThatAreMissing) {
  auto inbox = mailbox();
  append(*inbox, 1);
  UidSet missing;
  missing.add(expect(*inbox));
  missing.add(expect(*inbox));
  imap::SearchKey key;
  key.kind = imap::SearchKey::Kind::Text;
  key.text = "away";
  try {
    inbox->search(key, everything());
    FAIL() << "found without the text";
  } catch (const store::TextElsewhere& elsewhere) {
    EXPECT_EQ(elsewhere.uids, missing);
  }
  key.kind = imap::SearchKey::Kind::Larger;
  key.number = kText.size() - 1;
  EXPECT_EQ(inbox->search(key, everything()).size(), 2u + (inbox->size() > 3 * kText.size() ? 1 : 0));
}

}  // namespace
}  // namespace tests
