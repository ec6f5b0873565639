// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Messages without a Message-ID of their own in another synchroniser's state: files that were exchanged are found out.
#include "sync/pass/pairing/doubtful_pairs.h"

#include <gmock/gmock.h>

#include "tests/sync/pass/pairing/tool_pairs_fixture.h"

namespace tests {
namespace {

using imap::Uid;
using testing::HasSubstr;

// Letters without a Message-ID, whose files may have been exchanged: on each side these texts.
class Nameless : public ToolPairs {
 protected:
  Nameless() {
    for (const auto* text : {"aaa", "bbb", "ccc", "ddd", "eee"}) add("", text, text);
  }
  void add(const std::string& id, const std::string& here, const std::string& there) {
    local_.append("INBOX", letter(id, here, 5000));
    remote_.append("INBOX", letter(id, there, 1000));
    const auto uid = static_cast<std::uint32_t>(state().pairs.size() + 1);
    state().pairs.push_back(pair(uid, uid));
  }
  void exchange(std::size_t one, std::size_t two) { std::swap(state().pairs[one].there, state().pairs[two].there); }
};

TEST_F(Nameless, ArePaired) {
  EXPECT_TRUE(pass()) << problems();
  EXPECT_EQ(copied(), 0u);
  EXPECT_EQ(progress_.counts.paired, 10u);
}

TEST_F(Nameless, WhereFilesWereExchangedNothingOfTheStateIsUsed) {
  exchange(5, 9);
  lose_here(2);
  EXPECT_TRUE(pass()) << problems();
  EXPECT_THAT(told(), HasSubstr("would be paired with another one"));
  EXPECT_EQ(copied(), 1u);  // what was removed comes back
  // And each is paired with its like.
  local_.expunge("INBOX", Uid(6));
  now_ += 3600;
  pass();
  now_ += 3600;
  EXPECT_TRUE(pass()) << problems();
  EXPECT_THAT(texts(local_), testing::Not(testing::Contains("aaa")));
  EXPECT_EQ(texts(local_), texts(remote_));
}

TEST_F(Nameless, SoItIsWhereTwoShareAMessageId) {
  add("shared", "xxx", "xxx");
  add("shared", "yyy", "yyy");
  exchange(10, 11);
  EXPECT_TRUE(pass()) << problems();
  EXPECT_THAT(told(), HasSubstr("would be paired with another one"));
  EXPECT_EQ(copied(), 0u);
}

TEST_F(Nameless, WhatIsUnlikeAndNobodyElsesIsNoPairAndBlamesNoOther) {
  local_.append("INBOX", letter("", std::string(2000, 'x') + "zzz", 5000));
  remote_.append("INBOX", letter("", "yyy", 1000));
  state().pairs.push_back(pair(11, 11));
  lose_here(2);
  EXPECT_FALSE(pass() && progress_.waiting == 0);
  EXPECT_EQ(progress_.waiting, 1u);  // the state is used
  EXPECT_EQ(copied(), 2u);           // each is there and here
}

// What is proven without a look at texts, and what is read.
class SortDoubtful : public testing::Test {
 protected:
  mirror::Identity& add(std::vector<mirror::Identity>& side, std::uint32_t uid, std::uint64_t size, std::int64_t date,
                        const std::string& id = "") {
    side.push_back({Uid(uid), {}, size, date, id});
    return side.back();
  }
  mirror::ToolVerdict judged() {
    mirror::ToolState state;
    for (const auto& one : here_) {
      mirror::ToolPair pair;
      pair.here = one.uid;
      pair.there = one.uid;
      state.pairs.push_back(pair);
    }
    return judge(state, here_, there_);
  }
  static std::vector<std::uint32_t> uids(const std::vector<mirror::ToolVerdict::Doubtful>& those) {
    std::vector<std::uint32_t> out;
    for (const auto& one : those) out.push_back(one.pair.local.value);
    return out;
  }
  std::vector<mirror::Identity> here_, there_;
};

TEST_F(SortDoubtful, AMessageIdOfItsOwnOrADateOfItsOwnProves) {
  for (auto* side : {&here_, &there_}) {
    const std::int64_t later = side == &here_ ? 5000 : 0;
    add(*side, 1, 10, later, "one");
    add(*side, 2, 10, 77);  // no Message-ID, one date
    add(*side, 3, 10, 78, "shared");
    add(*side, 4, 10, 79, "shared");
    add(*side, 5, 10, 80);
    add(*side, 6, 10, 80);          // two of one date
    add(*side, 7, 10, 81 + later);  // another date here
  }
  const auto verdict = judged();
  EXPECT_EQ(verdict.found.size(), 4u);
  EXPECT_EQ(uids(verdict.doubtful), (std::vector<std::uint32_t>{5, 6, 7}));
  EXPECT_EQ(verdict.strangers, 0u);
}

TEST_F(SortDoubtful, NamesProveWhereNoOtherIsCalledSo) {
  for (auto* side : {&here_, &there_})
    for (std::uint32_t uid = 1; uid <= 6; ++uid)
      add(*side, uid, uid == 6 && side == &here_ ? 5000 : 10, side == &here_);
  const mirror::MessageNames here{{Uid(1), "a"}, {Uid(2), "b"}, {Uid(3), "c"}, {Uid(4), "c"}};
  const mirror::MessageNames there{{Uid(1), "a"}, {Uid(2), "x"}, {Uid(3), "c"}, {Uid(4), "c"}, {Uid(5), "e"}};
  const auto verdict = judged();
  const auto sorted = sort_doubtful(verdict.doubtful, here, there);
  EXPECT_EQ(uids(sorted.sure), std::vector<std::uint32_t>{1});
  EXPECT_EQ(uids(sorted.unlike), (std::vector<std::uint32_t>{2, 6}));       // called otherwise; of another size
  EXPECT_EQ(uids(sorted.the_same), (std::vector<std::uint32_t>{3, 4, 5}));  // called alike; not called at all
}

}  // namespace
}  // namespace tests
