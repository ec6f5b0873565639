// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Dates as IMAP writes them (RFC 9051 section 9: date, date-time).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace imap {

struct Date {  // a calendar day without zone
  std::int32_t year = 1970;
  std::uint8_t month = 1;  // 1..12
  std::uint8_t day = 1;    // 1..31
  auto operator<=>(const Date&) const = default;
};

struct DateTime {  // an instant and the zone it was written in
  std::int64_t unix_seconds = 0;
  std::int16_t zone_minutes = 0;  // east of UTC
  bool operator==(const DateTime&) const = default;
};

std::int64_t days_from_civil(Date date);  // days since 1970-01-01
Date civil_from_days(std::int64_t days);

std::optional<Date> parse_date(std::string_view text);  // "1-Feb-1994", without quotes
// As SEARCH says it: " 1-Feb-1994" as well, and a day that its month does not have is before or behind all others.
std::optional<Date> parse_search_date(std::string_view text);
std::optional<DateTime> parse_date_time(std::string_view text);  // " 1-Feb-1994 21:52:25 -0800", without quotes
std::string format_date(Date date);                              // "1-Feb-1994"
std::string format_date_time(DateTime when);                     // "01-Feb-1994 21:52:25 -0800", always 26 octets
DateTime local_date_time(std::int64_t unix_seconds);             // with the machine's zone at that instant
Date local_date(std::int64_t unix_seconds);

}  // namespace imap
