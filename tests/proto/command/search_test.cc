// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "tests/support/command_text.h"

namespace {

using namespace imap;
using tests::expect_both_ways;
using tests::expect_malformed;
using tests::expect_reprints;

using Kind = SearchKey::Kind;

SearchKey key(Kind kind) {
  SearchKey out;
  out.kind = kind;
  return out;
}
SearchKey with_flag(Flag flag) {
  auto out = key(Kind::HasFlag);
  out.flag = flag;
  return out;
}
SearchKey with_text(Kind kind, std::string text, std::string field = {}) {
  auto out = key(kind);
  out.text = std::move(text);
  out.field = std::move(field);
  return out;
}
SearchKey with_number(Kind kind, std::uint64_t number) {
  auto out = key(kind);
  out.number = number;
  return out;
}
SearchKey with_date(Kind kind, Date date) {
  auto out = key(kind);
  out.date = date;
  return out;
}
SearchKey of(Kind kind, std::initializer_list<SearchKey> children) {
  auto out = key(kind);
  out.children = children;
  return out;
}
SearchKey messages(MessageSet::By by, std::initializer_list<SequenceSet::Range> ranges, bool saved = false) {
  auto out = key(Kind::Messages);
  out.messages = {by, {std::vector<SequenceSet::Range>(ranges), saved}};
  return out;
}

void expect_key(std::string_view text, const SearchKey& expected, std::string_view printed = {}) {
  SearchCommand command;
  command.key = expected;
  expect_both_ways("SEARCH " + std::string(text), command, printed.empty() ? "" : "SEARCH " + std::string(printed));
}

TEST(Search, flags) {
  expect_key("ALL", key(Kind::All));
  expect_key("ANSWERED", with_flag(Flag::Answered));
  expect_key("DELETED", with_flag(Flag::Deleted));
  expect_key("DRAFT", with_flag(Flag::Draft));
  expect_key("FLAGGED", with_flag(Flag::Flagged));
  expect_key("seen", with_flag(Flag::Seen), "SEEN");
  expect_key("UNANSWERED", of(Kind::Not, {with_flag(Flag::Answered)}));
  expect_key("UNDELETED", of(Kind::Not, {with_flag(Flag::Deleted)}));
  expect_key("UNDRAFT", of(Kind::Not, {with_flag(Flag::Draft)}));
  expect_key("UNFLAGGED", of(Kind::Not, {with_flag(Flag::Flagged)}));
  expect_key("NOT SEEN", of(Kind::Not, {with_flag(Flag::Seen)}), "UNSEEN");
  expect_key("NOT UNSEEN", of(Kind::Not, {of(Kind::Not, {with_flag(Flag::Seen)})}));
  expect_key("KEYWORD $Forwarded", with_text(Kind::Keyword, "$Forwarded"));
  expect_key("UNKEYWORD Work", of(Kind::Not, {with_text(Kind::Keyword, "Work")}));
  expect_key("RECENT", key(Kind::Recent));
  expect_key("OLD", of(Kind::Not, {key(Kind::Recent)}));
  expect_key("NEW", of(Kind::And, {key(Kind::Recent), of(Kind::Not, {with_flag(Flag::Seen)})}), "RECENT UNSEEN");
}

TEST(Search, dates_and_sizes) {
  const Date day{1994, 2, 1};
  expect_key("BEFORE 1-Feb-1994", with_date(Kind::Before, day));
  expect_key("ON \"01-feb-1994\"", with_date(Kind::On, day), "ON 1-Feb-1994");
  expect_key("SINCE 1-Feb-1994", with_date(Kind::Since, day));
  expect_key("SENTBEFORE 1-Feb-1994", with_date(Kind::SentBefore, day));
  expect_key("SENTON 29-Feb-2024", with_date(Kind::SentOn, {2024, 2, 29}));
  expect_key("SENTSINCE 1-Feb-1994", with_date(Kind::SentSince, day));
  expect_key("LARGER 1000", with_number(Kind::Larger, 1000));
  expect_key("SMALLER 4294967296", with_number(Kind::Smaller, 4294967296));
}

TEST(Search, texts) {
  expect_key("BCC a", with_text(Kind::Bcc, "a"));
  expect_key("BODY \"a b\"", with_text(Kind::Body, "a b"));
  expect_key("CC \"\"", with_text(Kind::Cc, ""));
  expect_key("FROM {4+}\r\na\r\nb", with_text(Kind::From, "a\r\nb"));
  expect_key("SUBJECT \"\\\"\"", with_text(Kind::Subject, "\""));
  expect_key("TEXT {6}\r\nstring", with_text(Kind::Text, "string"), "TEXT string");
  expect_key("TO {2+}\r\n\xc3\xa4", with_text(Kind::To, "\xc3\xa4"));
  expect_key("HEADER Message-ID \"<a@b>\"", with_text(Kind::Header, "<a@b>", "Message-ID"), "HEADER Message-ID <a@b>");
  expect_key("HEADER X \"\"", with_text(Kind::Header, "", "X"));
}

TEST(Search, messages) {
  expect_key("2,4:7,9,12:*", messages(MessageSet::By::Number, {{2, 2}, {4, 7}, {9, 9}, {12, 0}}));
  expect_key("*", messages(MessageSet::By::Number, {{0, 0}}));
  expect_key("UID 443:557", messages(MessageSet::By::Uid, {{443, 557}}));
  expect_key("$", messages(MessageSet::By::Number, {}, true));
  expect_key("UID $", messages(MessageSet::By::Uid, {}, true));
  expect_key("MODSEQ 620162338", with_number(Kind::ModSeq, 620162338));
  expect_key("MODSEQ 0", with_number(Kind::ModSeq, 0));
  expect_key("MODSEQ \"/flags/\\\\draft\" all 620162338", with_number(Kind::ModSeq, 620162338), "MODSEQ 620162338");
}

TEST(Search, trees) {
  const auto seen = with_flag(Flag::Seen), draft = with_flag(Flag::Draft), flagged = with_flag(Flag::Flagged);
  expect_key("SEEN DRAFT", of(Kind::And, {seen, draft}));
  expect_key("(SEEN DRAFT)", of(Kind::And, {seen, draft}), "SEEN DRAFT");
  expect_key("((SEEN))", seen, "SEEN");
  expect_key("OR SEEN DRAFT", of(Kind::Or, {seen, draft}));
  expect_key("OR (SEEN DRAFT) NOT (FLAGGED 1)",
             of(Kind::Or, {of(Kind::And, {seen, draft}),
                           of(Kind::Not, {of(Kind::And, {flagged, messages(MessageSet::By::Number, {{1, 1}})})})}));
  expect_key("OR OR SEEN DRAFT FLAGGED", of(Kind::Or, {of(Kind::Or, {seen, draft}), flagged}));
  expect_key("NOT NOT ALL", of(Kind::Not, {of(Kind::Not, {key(Kind::All)})}));
  expect_key("NOT OLD", of(Kind::Not, {of(Kind::Not, {key(Kind::Recent)})}));
  expect_key("SEEN (DRAFT (FLAGGED ALL))",
             of(Kind::And, {seen, of(Kind::And, {draft, of(Kind::And, {flagged, key(Kind::All)})})}));
}

TEST(Search, charset_and_return) {
  SearchCommand command;
  command.charset = "UTF-8";
  command.key = with_text(Kind::Subject, "\xc3\xa4");
  expect_both_ways("SEARCH CHARSET UTF-8 SUBJECT {2+}\r\n\xc3\xa4", command);
  expect_both_ways("search charset \"UTF-8\" subject {2+}\r\n\xc3\xa4", command,
                   "SEARCH CHARSET UTF-8 SUBJECT {2+}\r\n\xc3\xa4");
  command = {};
  command.returns = SearchReturn{.min = true, .max = true, .all = true, .count = true, .save = true};
  expect_both_ways("SEARCH RETURN (MIN MAX ALL COUNT SAVE) ALL", command);
  command.returns = SearchReturn{.all = true};
  command.by_uid = true;
  expect_both_ways("UID SEARCH RETURN () ALL", command, "UID SEARCH RETURN (ALL) ALL");
  command.charset = "US-ASCII";
  command.returns = SearchReturn{.save = true};
  expect_both_ways("uid search return (save) charset US-ASCII all", command,
                   "UID SEARCH RETURN (SAVE) CHARSET US-ASCII ALL");
}

TEST(Search, what_a_program_builds_carelessly_is_still_grammatical) {
  SearchCommand command;
  command.key = key(Kind::And);
  EXPECT_EQ(tests::print_text("a", command), "a SEARCH ALL\r\n");
  command.key = of(Kind::Not, {key(Kind::And)});
  EXPECT_EQ(tests::print_text("a", command), "a SEARCH NOT ALL\r\n");
  command.key = of(Kind::And, {with_flag(Flag::Seen)});
  EXPECT_EQ(tests::print_text("a", command), "a SEARCH SEEN\r\n");
}

TEST(Search, malformed) {
  expect_malformed({"SEARCH",
                    "SEARCH ",
                    "SEARCH X",
                    "SEARCH ()",
                    "SEARCH (ALL",
                    "SEARCH ALL)",
                    "SEARCH NOT",
                    "SEARCH NOT ",
                    "SEARCH OR ALL",
                    "SEARCH OR ALL ",
                    "SEARCH KEYWORD",
                    "SEARCH KEYWORD \\Seen",
                    "SEARCH KEYWORD (a)",
                    "SEARCH BEFORE",
                    "SEARCH BEFORE 1-Feb-94",
                    "SEARCH BEFORE 100-Feb-1994",
                    "SEARCH BEFORE yesterday",
                    "SEARCH LARGER",
                    "SEARCH LARGER x",
                    "SEARCH LARGER 9223372036854775808",
                    "SEARCH HEADER",
                    "SEARCH HEADER a",
                    "SEARCH TEXT",
                    "SEARCH TEXT (a)",
                    "SEARCH UID",
                    "SEARCH UID x",
                    "SEARCH UID 0",
                    "SEARCH 1:",
                    "SEARCH 0",
                    "SEARCH MODSEQ",
                    "SEARCH MODSEQ \"/flags/x\" 1",
                    "SEARCH MODSEQ \"/flags/x\" all",
                    "SEARCH RETURN ALL",
                    "SEARCH RETURN (X) ALL",
                    "SEARCH RETURN ()",
                    "SEARCH RETURN ()ALL",
                    "SEARCH CHARSET ALL",
                    "SEARCH CHARSET UTF-8",
                    "SEARCH CHARSET \"\" ALL",
                    "SEARCH UNALL",
                    "SEARCH UNRECENT",
                    "SEARCH UN",
                    "SEARCH SEENX",
                    "SEARCH FROM \"a"});
}

std::string times(int n, std::string_view text) {
  std::string out;
  for (int i = 0; i < n; ++i) out += text;
  return out;
}

TEST(Search, nests_to_ten_thousand) {
  const auto nested = [](int depth) { return "SEARCH " + times(depth, "(") + "ALL" + times(depth, ")"); };
  expect_reprints(nested(100), "SEARCH ALL");
  expect_reprints(nested(10'000), "SEARCH ALL");
  expect_reprints("SEARCH " + times(10'000, "NOT ") + "ALL");
  expect_reprints("SEARCH " + times(10'000, "OR 1 ") + "ALL");
  expect_reprints("SEARCH " + times(10'000, "OR ") + "ALL" + times(10'000, " 1"));
  expect_reprints("SEARCH " + times(2'500, "OR 1 (2 NOT (3 ") + "4" + times(2'500, "))"));
}

TEST(Search, nesting_has_a_limit) {
  const auto nested = [](int depth) { return "SEARCH " + times(depth, "(") + "ALL" + times(depth, ")"); };
  expect_malformed({nested(10'001), nested(30'000), "SEARCH " + times(10'001, "NOT ") + "ALL",
                    "SEARCH " + times(10'001, "OR 1 ") + "ALL",
                    "SEARCH " + times(5'001, "NOT (") + "ALL" + times(5'001, ")")});
}

TEST(Search, a_deep_tree_is_copied_assigned_compared_and_destroyed) {
  const auto command = tests::parse_text("SEARCH " + times(10'000, "NOT ") + "SEEN");
  ASSERT_TRUE(command);
  const auto& deep = std::get<SearchCommand>(*command).key;
  auto copy = deep;
  EXPECT_EQ(copy, deep);
  copy = copy.children[0].children[0];  // a part of itself
  EXPECT_NE(copy, deep);
  auto moved = std::move(copy);
  moved = std::move(moved.children[0]);
  EXPECT_EQ(moved, deep.children[0].children[0].children[0]);
}

}  // namespace
