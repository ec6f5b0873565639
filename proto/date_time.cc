// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "proto/date_time.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>
#include <ctime>

#include "proto/flags.h"

namespace imap {

namespace {

constexpr std::array<std::string_view, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                   "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

// Decimal digits, all of text.
std::optional<unsigned> digits(std::string_view text) {
  unsigned value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

bool is_leap(std::int32_t year) { return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0; }

std::optional<Date> checked_date(std::string_view day, std::string_view month, std::string_view year) {
  const auto d = digits(day), y = digits(year);
  if (!d || !y || year.size() != 4) return std::nullopt;
  for (std::size_t i = 0; i < kMonths.size(); ++i) {
    if (!equal_ignoring_case(month, kMonths[i])) continue;
    static constexpr std::array<unsigned, 12> kDays{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    const unsigned days = kDays[i] + (i == 1 && is_leap(static_cast<std::int32_t>(*y)) ? 1 : 0);
    if (*d < 1 || *d > days) return std::nullopt;
    return Date{static_cast<std::int32_t>(*y), static_cast<std::uint8_t>(i + 1), static_cast<std::uint8_t>(*d)};
  }
  return std::nullopt;
}

void put_two(char* at, unsigned value) {
  at[0] = static_cast<char>('0' + value / 10 % 10);
  at[1] = static_cast<char>('0' + value % 10);
}

}  // namespace

// The civil calendar in eras of 400 years that begin on 1 March, so that a leap day ends its year.
std::int64_t days_from_civil(Date date) {
  const std::int64_t year = date.year - (date.month <= 2 ? 1 : 0);
  const std::int64_t era = (year >= 0 ? year : year - 399) / 400;
  const std::int64_t year_of_era = year - era * 400;
  const std::int64_t day_of_year = (153 * (date.month + (date.month > 2 ? -3 : 9)) + 2) / 5 + date.day - 1;
  const std::int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * 146097 + day_of_era - 719468;
}

Date civil_from_days(std::int64_t days) {
  days += 719468;
  const std::int64_t era = (days >= 0 ? days : days - 146096) / 146097;
  const std::int64_t day_of_era = days - era * 146097;
  const std::int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  const std::int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const std::int64_t shifted_month = (5 * day_of_year + 2) / 153;
  const auto month = static_cast<std::uint8_t>(shifted_month < 10 ? shifted_month + 3 : shifted_month - 9);
  return Date{static_cast<std::int32_t>(year_of_era + era * 400 + (month <= 2 ? 1 : 0)), month,
              static_cast<std::uint8_t>(day_of_year - (153 * shifted_month + 2) / 5 + 1)};
}

std::optional<Date> parse_date(std::string_view text) {
  const auto first = text.find('-');
  const auto second = first == std::string_view::npos ? first : text.find('-', first + 1);
  if (second == std::string_view::npos || first < 1 || first > 2) return std::nullopt;
  return checked_date(text.substr(0, first), text.substr(first + 1, second - first - 1), text.substr(second + 1));
}

// Dovecot counts such days so: those up to the year 2000 as before all others, later ones as behind them.
std::optional<Date> parse_search_date(std::string_view text) {
  if (text.size() == 11 && text[0] == ' ') text.remove_prefix(1);
  if (const auto date = parse_date(text)) return date;
  const auto day = text.substr(0, text.find('-'));
  if (day.empty() || day.size() > 2 || !digits(day)) return std::nullopt;
  const auto first = parse_date("1" + std::string(text.substr(day.size())));
  if (!first) return std::nullopt;
  return first->year <= 2000 ? Date{0, 1, 1} : Date{9999, 12, 31};
}

std::optional<DateTime> parse_date_time(std::string_view text) {
  // A day of one digit should have a blank before it; clients (node-imap) and servers leave it out.
  std::string with_blank;
  if (text.size() == 25 && text[1] == '-') text = with_blank = " " + std::string(text);
  if (text.size() != 26 || text[2] != '-' || text[6] != '-' || text[11] != ' ' || text[14] != ':' || text[17] != ':' ||
      text[20] != ' ' || (text[21] != '+' && text[21] != '-'))
    return std::nullopt;
  auto day = text.substr(0, 2);
  if (day[0] == ' ') day.remove_prefix(1);
  const auto date = checked_date(day, text.substr(3, 3), text.substr(7, 4));
  const auto hour = digits(text.substr(12, 2)), minute = digits(text.substr(15, 2)),
             second = digits(text.substr(18, 2));
  const auto zone_hours = digits(text.substr(22, 2)), zone_minutes = digits(text.substr(24, 2));
  if (!date || !hour || !minute || !second || !zone_hours || !zone_minutes) return std::nullopt;
  if (*hour > 23 || *minute > 59 || *second > 60 || *zone_minutes > 59) return std::nullopt;
  const int zone = static_cast<int>(*zone_hours * 60 + *zone_minutes) * (text[21] == '-' ? -1 : 1);
  const std::int64_t seconds = days_from_civil(*date) * 86400 + *hour * 3600 + *minute * 60 + *second - zone * 60;
  return DateTime{seconds, static_cast<std::int16_t>(zone)};
}

std::string format_date(Date date) {
  std::string out = std::to_string(date.day) + "-" + std::string(kMonths[(date.month - 1u) % 12]) + "-0000";
  put_two(out.data() + out.size() - 4, static_cast<unsigned>(date.year / 100));
  put_two(out.data() + out.size() - 2, static_cast<unsigned>(date.year % 100));
  return out;
}

namespace {

std::string format_local(std::int64_t local, std::int16_t zone_minutes) {
  const std::int64_t days = local >= 0 ? local / 86400 : (local - 86399) / 86400;
  const auto second_of_day = static_cast<unsigned>(local - days * 86400);
  const Date date = civil_from_days(days);
  std::string out = "00-Mon-0000 00:00:00 +0000";
  put_two(out.data(), date.day);
  kMonths[(date.month - 1u) % 12].copy(out.data() + 3, 3);
  put_two(out.data() + 7, static_cast<unsigned>(date.year / 100));
  put_two(out.data() + 9, static_cast<unsigned>(date.year % 100));
  put_two(out.data() + 12, second_of_day / 3600);
  put_two(out.data() + 15, second_of_day / 60 % 60);
  put_two(out.data() + 18, second_of_day % 60);
  if (zone_minutes < 0) out[21] = '-';
  const auto zone = static_cast<unsigned>(std::abs(zone_minutes));
  put_two(out.data() + 22, zone / 60);
  put_two(out.data() + 24, zone % 60);
  return out;
}

}  // namespace

// Four digits are all that the grammar has for a year: what a zone or a leap second takes beyond them is cut off.
std::string format_date_time(DateTime when) {
  const auto first = days_from_civil({0, 1, 1}) * 86400, last = days_from_civil({9999, 12, 31}) * 86400 + 86399;
  const std::int64_t local = std::clamp(when.unix_seconds, first, last) + when.zone_minutes * 60;
  return format_local(std::clamp(local, first, last), when.zone_minutes);
}

DateTime local_date_time(std::int64_t unix_seconds) {
  const auto time = static_cast<std::time_t>(unix_seconds);
  std::tm broken{};
  if (localtime_r(&time, &broken) == nullptr) return {unix_seconds, 0};
  return {unix_seconds, static_cast<std::int16_t>(broken.tm_gmtoff / 60)};
}

Date local_date(std::int64_t unix_seconds) {
  const auto local = unix_seconds + local_date_time(unix_seconds).zone_minutes * 60;
  return civil_from_days(local >= 0 ? local / 86400 : (local - 86399) / 86400);
}

}  // namespace imap
