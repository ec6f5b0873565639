// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "proto/search/search_evaluator.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "tests/support/command_text.h"

namespace {

using namespace imap;

SearchKey key_of(const std::string& text) { return std::get<SearchCommand>(*tests::parse_text("SEARCH " + text)).key; }

// KEYWORD y and ALL are true, KEYWORD n and numbers are not, KEYWORD u is unknown; `asked` tells which were asked.
Truth value_of(const std::string& text, std::string* asked = nullptr) {
  const auto key = key_of(text);
  SearchEvaluator evaluator(key, [](SearchKey::Kind kind) { return kind == SearchKey::Kind::Text ? 1 : 0; });
  const auto leaf = [&](const SearchKey& k) {
    if (asked) *asked += k.text;
    if (k.kind == SearchKey::Kind::All || k.text == "y") return Truth::Yes;
    return k.kind == SearchKey::Kind::Messages || k.text == "n" ? Truth::No : Truth::Unknown;
  };
  const auto first = evaluator.evaluate(leaf);
  if (asked) asked->clear();
  EXPECT_EQ(evaluator.evaluate(leaf), first) << "the second message is answered otherwise";
  return first;
}

TEST(SearchEvaluator, three_values) {
  const auto k = [](char c) { return std::string("KEYWORD ") + c; };
  const std::string names = "nuy";
  for (int a = 0; a < 3; ++a) {
    EXPECT_EQ(value_of(k(names[a])), Truth(a));
    EXPECT_EQ(value_of("NOT " + k(names[a])), Truth(2 - a));
    for (int b = 0; b < 3; ++b) {
      EXPECT_EQ(value_of(k(names[a]) + " " + k(names[b])), Truth(std::min(a, b))) << a << b;
      EXPECT_EQ(value_of("OR " + k(names[a]) + " " + k(names[b])), Truth(std::max(a, b))) << a << b;
      EXPECT_EQ(value_of("NOT OR NOT " + k(names[a]) + " NOT (" + k(names[b]) + ")"), Truth(std::min(a, b)));
    }
  }
}

TEST(SearchEvaluator, asks_the_cheapest_first_and_no_more_than_it_must) {
  std::string asked;
  EXPECT_EQ(value_of("TEXT y KEYWORD n TEXT y", &asked), Truth::No);
  EXPECT_EQ(asked, "n");
  EXPECT_EQ(value_of("OR TEXT n OR TEXT u KEYWORD y", &asked), Truth::Yes);
  EXPECT_EQ(value_of("OR (TEXT n TEXT u) KEYWORD y", &asked), Truth::Yes);
  EXPECT_EQ(asked, "y");
  EXPECT_EQ(value_of("TEXT u NOT TEXT y KEYWORD y", &asked), Truth::No);
}

TEST(SearchEvaluator, no_children) {
  SearchKey none;
  none.kind = SearchKey::Kind::And;
  const auto leaf = [](const SearchKey&) { return Truth::Unknown; };
  EXPECT_EQ(SearchEvaluator(none).evaluate(leaf), Truth::Yes);
  none.kind = SearchKey::Kind::Or;
  EXPECT_EQ(SearchEvaluator(none).evaluate(leaf), Truth::No);
}

TEST(SearchEvaluator, ten_thousand_deep) {
  std::string nots, ors, mixed;
  for (int i = 0; i < 10'000; ++i) {
    nots += "NOT ";
    ors += "OR 1 ";
  }
  for (int i = 0; i < 5'000; ++i) mixed += "OR 1 (ALL ";
  EXPECT_EQ(value_of(nots + "KEYWORD y"), Truth::Yes);
  EXPECT_EQ(value_of("KEYWORD y " + nots + "KEYWORD n"), Truth::No);
  EXPECT_EQ(value_of(ors + "KEYWORD y"), Truth::Yes);
  EXPECT_EQ(value_of(mixed + "KEYWORD y" + std::string(5'000, ')')), Truth::Yes);
}

}  // namespace
