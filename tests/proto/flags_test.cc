// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "proto/flags.h"

#include <gtest/gtest.h>

#include <map>
#include <random>

namespace {

using imap::Flag;
using imap::FlagSet;

TEST(Flags, CompareWithoutRegardToCase) {
  EXPECT_TRUE(imap::equal_ignoring_case("\\SeEn", "\\seen"));
  EXPECT_FALSE(imap::equal_ignoring_case("a", "ab"));
  EXPECT_FALSE(imap::equal_ignoring_case("[", "{"));  // differ by 0x20, are no letters
  EXPECT_TRUE(imap::compare_ignoring_case("abc", "ABD") < 0);
  EXPECT_TRUE(imap::compare_ignoring_case("ab", "ABC") < 0);
  EXPECT_TRUE(imap::compare_ignoring_case("\xC3", "a") > 0);
}

TEST(Flags, KeywordsAreSortedUniqueAndKeepTheirFirstSpelling) {
  FlagSet set;
  set.add("zeta");
  set.add("Alpha");
  set.add("ALPHA");
  EXPECT_EQ(set.keywords(), (std::vector<std::string>{"Alpha", "zeta"}));
  EXPECT_TRUE(set.has("aLPHA"));
  set.remove("alpha");
  EXPECT_EQ(set.keywords(), std::vector<std::string>{"zeta"});
}

TEST(Flags, ManyKeywordsAtOnceAreAsOneByOne) {
  std::mt19937 random(1);
  for (int round = 0; round < 200; ++round) {
    FlagSet one, many, left;
    std::vector<std::string> names;
    for (int n = static_cast<int>(random() % 30); n > 0; --n) names.emplace_back(1, "aAbBcCdD[{"[random() % 10]);
    one.add("B");
    many.add("B");
    left.add("B");
    for (const auto& name : names) one.add(name);
    many.add_keywords(names);
    EXPECT_EQ(many.keywords(), one.keywords());
    FlagSet others;
    others.add_keywords(names);
    left.add(others);
    EXPECT_EQ(left.keywords(), one.keywords());
    left.remove(others);
    for (const auto& name : names) one.remove(name);
    EXPECT_EQ(left.keywords(), one.keywords());
  }
}

TEST(Flags, AddByName) {
  FlagSet set;
  for (const char* name : {"\\seen", "\\ANSWERED", "\\Flagged", "\\Deleted", "\\Draft"})
    EXPECT_TRUE(set.add_by_name(name));
  EXPECT_EQ(set.system_bits(), 31);
  EXPECT_TRUE(set.add_by_name("$Forwarded"));
  for (const char* name : {"\\Recent", "\\*", "\\Unknown", "\\"}) EXPECT_FALSE(set.add_by_name(name)) << name;
  EXPECT_EQ(set.keywords(), std::vector<std::string>{"$Forwarded"});
}

TEST(Flags, EqualWithoutRegardToCase) {
  FlagSet a{Flag::Seen}, b{Flag::Seen};
  a.add("Work");
  b.add("WORK");
  EXPECT_EQ(a, b);
  b.add(Flag::Draft);
  EXPECT_NE(a, b);
}

std::string lower(std::string text) {
  for (auto& c : text) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  return text;
}

TEST(Flags, BehaveAsAMapOfLowerCaseNames) {
  std::mt19937 random(1);
  const std::vector<std::string> names{"a", "A", "b", "B", "ab", "aB", "$x", "[y]", "z_1", "Z_1"};
  FlagSet set, other;
  std::map<std::string, std::string> model;
  for (int step = 0; step < 20000; ++step) {
    const auto& name = names[random() % names.size()];
    switch (random() % 4) {
      case 0:
        set.add(name);
        model.try_emplace(lower(name), name);
        break;
      case 1:
        set.remove(name);
        model.erase(lower(name));
        break;
      case 2:
        other = {};
        other.add(name);
        set.add(other);
        model.try_emplace(lower(name), name);
        break;
      default:
        other = {};
        other.add(name);
        set.remove(other);
        model.erase(lower(name));
    }
    std::vector<std::string> expected;
    for (const auto& [key, spelling] : model) expected.push_back(spelling);
    ASSERT_EQ(set.keywords(), expected);
    ASSERT_EQ(set.has(name), model.contains(lower(name)));
  }
}

}  // namespace
