// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// log-prefix.
#include "sync/config/log_prefix.h"

#include <gtest/gtest.h>

namespace tests {
namespace {

std::string expanded(const std::string& format, const std::string& side, const std::string& mailbox) {
  return mirror::expand_log_prefix(format, side, mailbox).value_or("refused");
}

TEST(LogPrefix, TheUsualOne) {
  const std::string usual = "%?n?%?m?%n(%m)&%n?: ?";
  EXPECT_EQ(expanded(usual, "local", "INBOX"), "local(INBOX): ");
  EXPECT_EQ(expanded(usual, "remote", ""), "remote: ");
  EXPECT_EQ(expanded(usual, "", ""), "");
  EXPECT_EQ(expanded(usual, "", "INBOX"), "");
}

TEST(LogPrefix, Parts) {
  EXPECT_EQ(expanded("", "local", "a"), "");
  EXPECT_EQ(expanded("100%% %n/%m ", "local", "a"), "100% local/a ");
  EXPECT_EQ(expanded("%?m?in %m&nowhere? ", "local", ""), "nowhere ");
  EXPECT_EQ(expanded("%?m?a\\?b\\&c\\\\d?", "", "x"), "a?b&c\\d");
  EXPECT_EQ(expanded("a & b? ", "", ""), "a & b? ");  // outside of conditions
  EXPECT_EQ(expanded("%?n??", "local", ""), "");
}

TEST(LogPrefix, ValuesAreNotExpandedAgain) { EXPECT_EQ(expanded("%n:%m", "%m", "%?n?x?"), "%m:%?n?x?"); }

TEST(LogPrefix, WhatIsWrong) {
  for (const auto* format : {"%", "%x", "%?n", "%?n?then", "%?x?then?", "%?n?a&b&c?", "\\", "%?n then?"})
    EXPECT_EQ(expanded(format, "local", "INBOX"), "refused") << format;
  std::string deep;
  for (int i = 0; i < 100; ++i) deep += "%?n?";
  EXPECT_EQ(expanded(deep, "local", ""), "refused");
}

}  // namespace
}  // namespace tests
