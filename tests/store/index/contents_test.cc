// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Numbers of contents are given once, whatever was lost; and the sweep takes what nobody has, and nothing else.
#include "store/index/contents.h"

#include <gtest/gtest.h>

#include "tests/support/temp_maildir.h"

namespace store {
namespace {

using Number = keys::ContentNumber;

const std::string kBox = "abcdefghijklmnop";

class ContentsTest : public testing::Test {
 protected:
  ContentsTest() { open(); }
  void open() {
    contents_.reset();
    index_.reset();
    index_ = Index::open(directory_.path() / "index", base::Log(), {});
    contents_ = std::make_unique<Contents>(*index_);
  }
  static keys::ContentRecord record(char c) { return {std::string(32, c), 7}; }
  // As a mailbox does that gets a message.
  Number link(std::uint32_t uid, const keys::ContentRecord& record) {
    IndexBatch batch;
    const auto use = contents_->use(record);
    use.put(batch);
    batch.put(keys::content_link(kBox, imap::Uid(uid)), keys::encode(keys::ContentLink{use.number(), {}}));
    index_->write(batch, false);
    IndexBatch parts;
    for (const auto part : keys::kContentParts) parts.put(keys::content_part(part, use.number()), "x", Table::Content);
    index_->write(parts, false);
    return use.number();
  }
  void unlink(std::uint32_t first, std::uint32_t last) {
    contents_->will_unlink(last - first + 1);
    IndexBatch batch;
    for (auto uid = first; uid <= last; ++uid) batch.erase(keys::content_link(kBox, imap::Uid(uid)));
    batch.put(keys::sweep_wanted(), "");
    index_->write(batch, false);
  }
  bool is_there(Number number) {
    const bool out = contents_->find(number).has_value();
    for (const auto part : keys::kContentParts)
      EXPECT_EQ(index_->get(keys::content_part(part, number), Table::Content).has_value(), out) << number;
    return out;
  }

  tests::TempDirectory directory_;
  std::unique_ptr<Index> index_;
  std::unique_ptr<Contents> contents_;
};

TEST_F(ContentsTest, EqualTextsHaveOneContent) {
  const auto first = link(1, record('a'));
  EXPECT_EQ(link(2, record('a')), first);
  EXPECT_NE(link(3, record('b')), first);
  EXPECT_NE(link(4, {}), link(5, {})) << "nobody knows what they are";
  EXPECT_EQ(contents_->find(first), record('a'));
  open();
  EXPECT_EQ(link(6, record('a')), first);
}

TEST_F(ContentsTest, EqualTextsOfOneBatchHaveOneContent) {
  const auto one = contents_->use(record('a')), two = contents_->use(record('a'));
  EXPECT_EQ(one.number(), two.number());
}

TEST_F(ContentsTest, ANumberIsGivenOnce) {
  std::set<Number> given;
  for (std::uint32_t i = 0; i < 10; ++i) {
    EXPECT_TRUE(given.insert(link(i + 1, {})).second);
    if (i % 3 == 0) open();
  }
  unlink(1, 10);
  contents_->sweep();
  open();
  EXPECT_TRUE(given.insert(link(11, {})).second);
}

// The table Content has no write-ahead log: it can be ahead of what the rows know after a power cut.
TEST_F(ContentsTest, NumbersThatOnlyTheContentsKnowAreNotGivenAgain) {
  IndexBatch batch;
  batch.put(keys::content_part(keys::ContentPart::Header, 1'000'000), "of a text that nobody knows", Table::Content);
  index_->write(batch, false);
  open();
  EXPECT_GT(link(1, {}), 1'000'000u);
}

TEST_F(ContentsTest, TheSweepTakesWhatNobodyHas) {
  std::vector<Number> numbers;
  for (std::uint32_t uid = 1; uid <= 200; ++uid)
    numbers.push_back(link(uid, uid % 2 == 0 ? record(static_cast<char>(uid)) : keys::ContentRecord()));
  link(201, record(static_cast<char>(10)));  // the text of UID 10 once more
  unlink(1, 100);
  unlink(150, 150);
  EXPECT_TRUE(index_->get(keys::sweep_wanted()));
  contents_->sweep();
  for (std::uint32_t uid = 1; uid <= 200; ++uid)
    EXPECT_EQ(is_there(numbers[uid - 1]), uid == 10 || (uid > 100 && uid != 150)) << uid;
  EXPECT_FALSE(index_->get(keys::sweep_wanted()));
  EXPECT_FALSE(index_->get(keys::content_number(record(20).sha256)));
  EXPECT_TRUE(index_->get(keys::content_number(record(10).sha256)));
}

TEST_F(ContentsTest, TheSweepSparesWhatIsInUse) {
  const auto number = link(1, record('a'));
  unlink(1, 1);
  {
    const auto use = contents_->use(record('a'));
    EXPECT_EQ(use.number(), number);
    contents_->sweep();
    EXPECT_TRUE(is_there(number));
  }
  unlink(1, 1);
  contents_->sweep();
  EXPECT_FALSE(is_there(number));
}

TEST_F(ContentsTest, ASweepThatACrashCutOffIsDoneAfterTheNextOpening) {
  const auto number = link(1, record('a'));
  unlink(1, 1);
  EXPECT_FALSE(contents_->wants_sweep()) << "one is not worth it";
  open();
  ASSERT_TRUE(contents_->wants_sweep());
  contents_->sweep();
  EXPECT_FALSE(is_there(number));
  EXPECT_FALSE(contents_->wants_sweep());
}

// A program of before changes messages and leaves their links alone.
TEST_F(ContentsTest, WhatAProgramOfBeforeHasHadItsHandsOnIsForgotten) {
  const auto number = link(1, record('a'));
  open();
  EXPECT_TRUE(is_there(number));
  contents_.reset();
  index_.reset();
  index_ = Index::open(directory_.path() / "index", base::Log(), {});  // and nothing else
  open();
  EXPECT_FALSE(is_there(number));
  EXPECT_FALSE(index_->get(keys::content_link(kBox, imap::Uid(1))));
  EXPECT_GT(link(1, record('a')), number);
}

}  // namespace
}  // namespace store
