// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "proto/date_time.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <ctime>
#include <random>

namespace {

using imap::Date;
using imap::DateTime;

TEST(Date, BothWays) {
  const std::pair<const char*, Date> table[] = {
      {"1-Feb-1994", {1994, 2, 1}},   {"31-Dec-9999", {9999, 12, 31}}, {"29-Feb-2000", {2000, 2, 29}},
      {"29-Feb-2024", {2024, 2, 29}}, {"1-Jan-0001", {1, 1, 1}},
  };
  for (const auto& [text, date] : table) {
    EXPECT_EQ(imap::parse_date(text), date) << text;
    EXPECT_EQ(imap::format_date(date), text);
  }
  EXPECT_EQ(imap::parse_date("01-fEB-1994"), (Date{1994, 2, 1}));
}

TEST(Date, Refused) {
  for (const char* text : {"",
                           "-",
                           "--",
                           "1-Feb",
                           "1-Feb-94",
                           "1-Feb-01994",
                           "0-Feb-1994",
                           "30-Feb-1994",
                           "29-Feb-1900",
                           "29-Feb-2023",
                           "32-Jan-1994",
                           "31-Apr-1994",
                           "1-Foo-1994",
                           "1-February-1994",
                           "+1-Feb-1994",
                           "1-Feb-+994",
                           "1 Feb 1994",
                           "001-Feb-1994",
                           " 1-Feb-1994",
                           "1-Feb-1994 ",
                           "1-Feb-1994-"})
    EXPECT_EQ(imap::parse_date(text), std::nullopt) << text;
}

TEST(Date, OfASearch) {
  EXPECT_EQ(imap::parse_search_date("1-Feb-1994"), (Date{1994, 2, 1}));
  EXPECT_EQ(imap::parse_search_date(" 1-Feb-1994"), (Date{1994, 2, 1}));
  for (const auto* text : {"31-Feb-2020", "29-Feb-2021", "0-Jan-2001", "99-Dec-2001"})
    EXPECT_EQ(imap::parse_search_date(text), (Date{9999, 12, 31})) << text;
  for (const auto* text : {"31-Feb-2000", "00-Jan-1970", "32-Jan-0000"})
    EXPECT_EQ(imap::parse_search_date(text), (Date{0, 1, 1})) << text;
  for (const auto* text :
       {"", "31", "-Feb-2020", "100-Feb-2020", "3x-Feb-2020", "31-Foo-2020", "31-Feb-20", "  1-Feb-1994"})
    EXPECT_EQ(imap::parse_search_date(text), std::nullopt) << text;
}

TEST(Date, CivilDaysAgreeWithTheCLibrary) {
  std::mt19937_64 random(4);
  for (int i = 0; i < 100000; ++i) {
    const auto days = static_cast<std::int64_t>(random() % 3000000) - 700000;  // years 54 to 8267
    const auto date = imap::civil_from_days(days);
    ASSERT_EQ(imap::days_from_civil(date), days);
    const std::time_t seconds = days * 86400;
    std::tm broken{};
    ASSERT_NE(gmtime_r(&seconds, &broken), nullptr);
    ASSERT_EQ(date, (Date{broken.tm_year + 1900, static_cast<std::uint8_t>(broken.tm_mon + 1),
                          static_cast<std::uint8_t>(broken.tm_mday)}));
  }
}

TEST(DateTime, BothWays) {
  const std::pair<const char*, DateTime> table[] = {
      {"01-Jan-1970 00:00:00 +0000", {0, 0}},
      {"01-Feb-1994 21:52:25 -0800", {760168345, -480}},
      {"17-Jul-1996 02:44:25 -0700", {837596665, -420}},
      {"31-Dec-1969 23:59:59 +0000", {-1, 0}},
      {"01-Mar-2024 05:29:59 +0530", {1709251199, 330}},
      {"31-Dec-9999 23:59:59 +0000", {253402300799, 0}},
      {"19-Jan-2038 04:14:08 +0100", {2147483648, 60}},
  };
  for (const auto& [text, when] : table) {
    EXPECT_EQ(imap::parse_date_time(text), when) << text;
    EXPECT_EQ(imap::format_date_time(when), text);
  }
  EXPECT_EQ(imap::parse_date_time(" 1-Jan-1970 00:00:00 +0000"), (DateTime{0, 0}));
  EXPECT_EQ(imap::parse_date_time("1-Jan-1970 00:00:00 +0000"), (DateTime{0, 0}));  // as node-imap writes it
  EXPECT_EQ(imap::parse_date_time("01-JAN-1970 00:00:00 -0000"), (DateTime{0, 0}));
  EXPECT_EQ(imap::parse_date_time("31-Dec-2016 23:59:60 +0000"), (DateTime{1483228800, 0}));  // a leap second
}

TEST(DateTime, Refused) {
  for (const char* text : {"", "-Jan-1970 00:00:00 +0000", "1-Jan-1970 00:00:00 +000", "01-Jan-1970 24:00:00 +0000",
                           "01-Jan-1970 00:60:00 +0000", "01-Jan-1970 00:00:61 +0000", "01-Jan-1970 00:00:00 +0060",
                           "01-Jan-1970 00:00:00 00000", "00-Jan-1970 00:00:00 +0000", "32-Jan-1970 00:00:00 +0000",
                           "01-Jan-1970 00:00:00 +00:0", "01-Jan-1970 00:00:00 GMT  ", "01-Jan-1970T00:00:00 +0000",
                           "01-Jan-1970 -1:00:00 +0000", "  -Jan-1970 00:00:00 +0000", "01-Jan-1970 00:00:00 +0000 "})
    EXPECT_EQ(imap::parse_date_time(text), std::nullopt) << text;
}

TEST(DateTime, AnyInstantIsWrittenIn26OctetsAndReadBack) {
  std::mt19937_64 random(5);
  for (int i = 0; i < 50000; ++i) {
    const DateTime when{static_cast<std::int64_t>(random() % 300000000000) - 60000000000,
                        static_cast<std::int16_t>(static_cast<int>(random() % 1681) - 840)};
    const auto text = imap::format_date_time(when);
    ASSERT_EQ(text.size(), 26u);
    if (imap::civil_from_days(when.unix_seconds / 86400).year < 9999 && when.unix_seconds > -62000000000)
      ASSERT_EQ(imap::parse_date_time(text), when) << text;
  }
  for (const auto extreme : {INT64_MIN / 2, INT64_MAX / 2})  // a damaged disk's
    EXPECT_EQ(imap::format_date_time({extreme, 0}).size(), 26u);
  for (const char* text : {"31-Dec-9999 23:59:60 +0000", "31-Dec-9999 23:59:59 -1200"}) {
    const auto when = imap::parse_date_time(text);
    ASSERT_TRUE(when) << text;
    EXPECT_EQ(imap::format_date_time({when->unix_seconds, 0}), "31-Dec-9999 23:59:59 +0000") << text;
  }
  EXPECT_EQ(imap::format_date_time({253402300799, 120}), "31-Dec-9999 23:59:59 +0200");
}

class LocalTime : public testing::Test {
 protected:
  void SetUp() override {
    if (const char* zone = std::getenv("TZ")) before_ = zone;
    ::setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1);
    ::tzset();
  }
  void TearDown() override {
    if (before_)
      ::setenv("TZ", before_->c_str(), 1);
    else
      ::unsetenv("TZ");
    ::tzset();
  }
  std::optional<std::string> before_;
};

TEST_F(LocalTime, UsesTheZoneOfTheInstant) {
  EXPECT_EQ(imap::local_date_time(1704067200).zone_minutes, 60);   // winter
  EXPECT_EQ(imap::local_date_time(1719792000).zone_minutes, 120);  // summer
  EXPECT_EQ(imap::local_date(1704063600), (Date{2024, 1, 1}));     // midnight, local
  EXPECT_EQ(imap::local_date(1704063599), (Date{2023, 12, 31}));
}

}  // namespace
