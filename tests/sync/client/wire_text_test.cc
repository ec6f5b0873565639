// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "sync/client/wire_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

using namespace mirror;
using testing::ElementsAre;

namespace {

struct Said {
  char direction;
  std::string octets;
};

// In pieces of each size: where they are cut changes nothing.
std::vector<std::string> lines_of(const std::vector<Said>& all, std::size_t piece) {
  std::vector<std::string> out;
  WireText text(
      [] { return true; },
      [&](char direction, const std::string& line) { out.push_back(std::string(1, direction) + ' ' + line); });
  for (const auto& [direction, octets] : all)
    for (std::size_t at = 0; at < octets.size(); at += piece) {
      const auto part = std::string_view(octets).substr(at, piece);
      direction == '>' ? text.sent(part) : text.received(part);
    }
  return out;
}

std::vector<std::string> lines_of(const std::vector<Said>& all) {
  auto out = lines_of(all, 1'000'000);
  for (const std::size_t piece : {1, 2, 3, 7, 64}) EXPECT_EQ(lines_of(all, piece), out) << piece;
  return out;
}

}  // namespace

TEST(WireText, LinesAreToldInBothDirections) {
  EXPECT_THAT(lines_of({{'<', "* OK hello\r\n"}, {'>', "a NOOP\r\n"}, {'<', "* 3 EXISTS\r\na OK done\r\n"}}),
              ElementsAre("< * OK hello", "> a NOOP", "< * 3 EXISTS", "< a OK done"));
}

TEST(WireText, APasswordIsNotShownHoweverItIsSent) {
  EXPECT_THAT(lines_of({{'>', "a LOGIN me secret\r\n"}, {'<', "a OK in\r\n"}, {'>', "b NOOP\r\n"}}),
              ElementsAre("> a LOGIN (not shown)", "< a OK in", "> b NOOP"));
  EXPECT_THAT(lines_of({{'>', "a login \"me\" {6}\r\n"}, {'<', "+ go\r\n"}, {'>', "secret\r\n"}, {'<', "a NO\r\n"}}),
              ElementsAre("< + go", "> a login (not shown)", "< a NO"));
  EXPECT_THAT(
      lines_of({{'>', "a LOGIN {2+}\r\nme {6+}\r\nsecret\r\nb COMPRESS DEFLATE\r\n"}, {'<', "a OK\r\nb OK\r\n"}}),
      ElementsAre("> a LOGIN (not shown)", "> (not shown)", "< a OK", "< b OK"));
}

TEST(WireText, NothingOfSaslIsShown) {
  EXPECT_THAT(lines_of({{'>', "a AUTHENTICATE PLAIN AHNlY3JldA==\r\n"}, {'<', "a OK in\r\n"}}),
              ElementsAre("> a AUTHENTICATE PLAIN (not shown)", "< a OK in"));
  EXPECT_THAT(lines_of({{'>', "a AUTHENTICATE XOAUTH2\r\n"},
                        {'<', "+ Y2hhbGxlbmdl\r\n"},
                        {'>', "AHNlY3JldA==\r\n"},
                        {'<', "+ b3RoZXI=\r\n"},
                        {'>', "\r\n"},
                        {'<', "* CAPABILITY X\r\na NO wrong\r\n"},
                        {'>', "b NOOP\r\n"}}),
              ElementsAre("> a AUTHENTICATE XOAUTH2 (not shown)", "< + (not shown)", "> (not shown)", "< + (not shown)",
                          "> (not shown)", "< * CAPABILITY X", "< a NO wrong", "> b NOOP"));
}

TEST(WireText, TextsAreShortened) {
  const std::string text(5000, 'x'), start(60, 'x');
  EXPECT_THAT(lines_of({{'<', "* 1 FETCH (BODY[] {5000}\r\n" + text + " UID 7)\r\n"}}),
              ElementsAre("< * 1 FETCH (BODY[] {5000} " + start + "… UID 7)"));
  EXPECT_THAT(lines_of({{'>', "a APPEND INBOX {5}\r\na\r\nb\x1b\r\n"}}),
              ElementsAre("> a APPEND INBOX {5} a  b\xef\xbf\xbd"));
  const auto lines = lines_of({{'<', "* LIST () " + text + "\r\n"}});
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_LT(lines[0].size(), 1100u);
  EXPECT_TRUE(lines[0].ends_with("…"));
}

TEST(WireText, WhatLooksLikeACommandInATextIsNone) {
  EXPECT_THAT(lines_of({{'>', "a APPEND INBOX {17}\r\nb LOGIN me secret\r\n"}, {'>', "c NOOP\r\n"}}),
              ElementsAre("> a APPEND INBOX {17} b LOGIN me secret", "> c NOOP"));
  EXPECT_THAT(lines_of({{'<', "* 1 FETCH (BODY[] {13}\r\n+ nothing {9}\r\n)\r\n* BYE\r\n"}}),
              ElementsAre("< * 1 FETCH (BODY[] {13} + nothing {9}", "< )", "< * BYE"));
}

TEST(WireText, WhoBeginsToListenLaterHearsTheNextLine) {
  bool hears = false;
  std::vector<std::string> out;
  WireText text([&] { return hears; }, [&](char, const std::string& line) { out.push_back(line); });
  text.received("* 1 FETCH (BODY[] {10}\r\n01234");
  hears = true;
  text.received("56789)\r\n* OK\r\n");
  EXPECT_THAT(out, ElementsAre("* 1 FETCH (BODY[] {10} 0123456789)", "* OK"));
}
