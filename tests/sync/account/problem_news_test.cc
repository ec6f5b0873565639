// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "sync/account/problem_news.h"

#include <gtest/gtest.h>

using namespace mirror;

namespace {

PassResult with(std::vector<std::string> problems) {
  PassResult out;
  out.problems = std::move(problems);
  return out;
}

PassResult ended(base::Reason reason, const std::string& text) {
  PassResult out;
  out.end = base::Refusal{reason, text};
  return out;
}

}  // namespace

TEST(ProblemNews, EachIsToldOnceWhenItAppearsAndOnceWhenItIsGone) {
  std::vector<Problem> told;
  EXPECT_EQ(news_of(told, with({"INBOX: x"}), 0).appeared.size(), 1u);
  EXPECT_FALSE(news_of(told, with({"INBOX: x"}), 0).any());
  const auto news = news_of(told, with({"lists: y"}), 0);
  ASSERT_EQ(news.appeared.size(), 1u);
  EXPECT_EQ(news.appeared[0].text, "lists: y");
  ASSERT_EQ(news.gone.size(), 1u);
  EXPECT_EQ(news.gone[0].text, "INBOX: x");
  EXPECT_EQ(news_of(told, with({}), 0).gone.size(), 1u);
  EXPECT_TRUE(told.empty());
}

TEST(ProblemNews, APassThatWasCutOffSaysNothingOfTheOthers) {
  std::vector<Problem> told;
  news_of(told, with({"INBOX: x"}), 0);
  auto news = news_of(told, ended(base::Reason::Authentication, "refused (1)"), 1);
  EXPECT_EQ(news.appeared.size(), 1u);
  EXPECT_TRUE(news.gone.empty());
  EXPECT_FALSE(news_of(told, ended(base::Reason::Authentication, "refused (2)"), 2).any()) << "its text has changed";
  news = news_of(told, with({"INBOX: x"}), 0);
  ASSERT_EQ(news.gone.size(), 1u);
  EXPECT_EQ(news.gone[0].kind, Problem::Kind::Pass);
}

TEST(ProblemNews, ANetworkThatIsAwayForAMomentIsNone) {
  std::vector<Problem> told;
  EXPECT_FALSE(news_of(told, ended(base::Reason::ConnectionLost, "no network"), 1).any());
  EXPECT_FALSE(news_of(told, ended(base::Reason::ConnectionLost, "no network"), 2).any());
  EXPECT_TRUE(news_of(told, ended(base::Reason::ConnectionLost, "no network"), 3).any());
  EXPECT_FALSE(news_of(told, ended(base::Reason::ConnectionLost, "no network"), 4).any());
}

TEST(ProblemNews, AFuseIsTheSameWhateverItsSentenceSays) {
  std::vector<Problem> told;
  auto result = with({"INBOX: 30 messages are no longer here, more than the fuse lets go"});
  result.held_in = {{"INBOX", true, result.problems.front()}};
  const auto news = news_of(told, result, 0);
  ASSERT_EQ(news.appeared.size(), 1u);
  EXPECT_EQ(news.appeared[0].kind, Problem::Kind::Held);
  EXPECT_EQ(news.appeared[0].mailbox, "INBOX");
  result = with({"INBOX: 31 messages are no longer here, and they are held"});
  result.held_in = {{"INBOX", true, result.problems.front()}};
  EXPECT_FALSE(news_of(told, result, 0).any());
}

TEST(ProblemNews, APassOverSingleMailboxesEndsNoOthersProblem) {
  std::vector<Problem> told;
  news_of(told, with({"INBOX: x"}), 0);
  auto result = with({"lists: y"});
  result.whole = false;
  const auto news = news_of(told, result, 0);
  EXPECT_EQ(news.appeared.size(), 1u);
  EXPECT_TRUE(news.gone.empty());
}

TEST(ProblemNews, WhatWasToldIsKeptAsText) {
  const std::vector<Problem> told{
      {Problem::Kind::Pass, "", "a b"}, {Problem::Kind::Held, "x/y", "c"}, {Problem::Kind::Left, "", "d"}};
  EXPECT_EQ(text_of(told), "p\ta b\nhx/y\tc\nl\td\n");
  EXPECT_EQ(problems_of(text_of(told)), told);
  EXPECT_TRUE(problems_of("?\tx\nno tab\n\n").empty());
}
