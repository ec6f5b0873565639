// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// How many keywords a mailbox gets.
#include <gtest/gtest.h>

#include "tests/store/store_case.h"

namespace {

using imap::FlagChange;

imap::FlagSet numbered(std::size_t from, std::size_t to) {
  std::vector<std::string> names;
  for (auto i = from; i < to; ++i) names.push_back("k" + std::to_string(i));
  imap::FlagSet out;
  out.add_keywords(std::move(names));
  return out;
}

class KeywordLimit : public tests::StoreCase {
 protected:
  void SetUp() override { open(); }
  base::Reason reason_of(FlagChange change, const imap::FlagSet& flags) {
    const auto changed = mailbox()->change_flags(everything(), change, flags);
    return changed ? base::Reason::Failed : changed.error().reason;
  }
};

TEST_F(KeywordLimit, WhatIsAboveItIsRefusedAndChangesNothing) {
  const auto box = mailbox();
  append(*box, 2, numbered(0, 10));
  EXPECT_EQ(reason_of(FlagChange::Add, numbered(0, store::kMostKeywords + 1)), base::Reason::Limit);
  EXPECT_EQ(reason_of(FlagChange::Replace, numbered(10, store::kMostKeywords + 1)), base::Reason::Limit);
  EXPECT_EQ(box->keywords().size(), 10u);
  EXPECT_EQ(box->messages(everything()).front().flags, numbered(0, 10));
}

TEST_F(KeywordLimit, AFullMailboxTakesTheKeywordsThatItHas) {
  const auto box = mailbox();
  append(*box, 2);
  ASSERT_TRUE(box->change_flags(everything(), FlagChange::Add, numbered(0, store::kMostKeywords)));
  EXPECT_EQ(reason_of(FlagChange::Add, numbered(store::kMostKeywords, store::kMostKeywords + 1)), base::Reason::Limit);
  EXPECT_TRUE(box->change_flags(everything(), FlagChange::Remove, numbered(3, 9000)));
  EXPECT_TRUE(box->change_flags(everything(), FlagChange::Add, numbered(100, 200)));
  append(*box, 1, numbered(5, 6));
  store::NewMessage message{imap::Literal(std::string("Subject: x\r\n\r\n")), numbered(9000, 9001), {}};
  const auto refused = box->append({&message, 1}, {});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().reason, base::Reason::Limit);
  EXPECT_EQ(box->uids().size(), 3u);
  reopen();
  EXPECT_EQ(mailbox()->keywords().size(), store::kMostKeywords);
}

TEST_F(KeywordLimit, CopiesBringNoMoreThanFitIn) {
  ASSERT_TRUE(store_->create(imap::MailboxName("other")));
  const auto box = mailbox(), other = mailbox("other");
  append(*box, 1, numbered(0, 200));
  append(*other, 1, numbered(100, store::kMostKeywords));
  const auto copied = box->copy_to(set_of(box->uids()), *other), moved = box->move_to(everything(), *other);
  ASSERT_TRUE(copied) << copied.error().text;  // 100 were missing, and there was room for 100
  ASSERT_TRUE(moved);
  append(*box, 1, numbered(9000, 9001));
  const auto refused = box->move_to(everything(), *other);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().reason, base::Reason::Limit);
  EXPECT_EQ(box->uids().size(), 1u);
  EXPECT_EQ(other->uids().size(), 3u);
}

}  // namespace
