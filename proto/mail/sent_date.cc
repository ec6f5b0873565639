// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "proto/mail/sent_date.h"

#include <algorithm>
#include <string>

#include "proto/flags.h"
#include "proto/mail/header.h"
#include "proto/mail/header_tokens.h"

namespace mail {

namespace {

std::optional<unsigned> digits(const std::string& text, std::size_t most) {
  if (text.empty() || text.size() > most) return std::nullopt;
  unsigned out = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    out = out * 10 + static_cast<unsigned>(c - '0');
  }
  return out;
}

// The next word of a Date field; empty: there is none.
std::string next_word(HeaderTokens& tokens) {
  std::string out;
  return tokens.atom(out) == HeaderTokens::Ahead::Bad ? "" : out;
}

// "+0130" in seconds; what is no number counts as UTC
std::int64_t zone_seconds(const std::string& zone) {
  if (zone.size() != 5 || (zone[0] != '+' && zone[0] != '-')) return 0;
  const auto hours = digits(zone.substr(1, 2), 2), minutes = digits(zone.substr(3, 2), 2);
  if (!hours || !minutes || *hours > 23 || *minutes > 59) return 0;
  const auto seconds = static_cast<std::int64_t>(*hours * 3600 + *minutes * 60);
  return zone[0] == '-' ? -seconds : seconds;
}

// hour ":" minute [":" second] [zone], in seconds; a leap second is the one before it
std::optional<unsigned> read_time(HeaderTokens& tokens, std::string& zone) {
  const auto hour = digits(next_word(tokens), 2);
  if (!hour || *hour > 23) return std::nullopt;
  auto seconds = *hour * 3600;
  for (const unsigned unit : {60u, 1u}) {
    if (!tokens.sees(':') && !tokens.sees('.')) {
      if (unit == 1) break;
      return std::nullopt;
    }
    tokens.advance();
    tokens.skip_space();
    const auto text = next_word(tokens);
    const auto value = digits(text, 2);
    if (text.size() != 2 || !value || *value > (unit == 1 ? 60 : 59)) return std::nullopt;
    seconds += std::min(*value, 59u) * unit;
  }
  if (!tokens.end() && (zone = next_word(tokens)).empty()) return std::nullopt;
  return seconds;
}

// date-time = [day-name ","] day month year time zone. Times are counted in 32 bits from 1970, so that what mail of
// impossible years answers is the same as with Dovecot.
struct Sent {
  std::int64_t local = 0;  // seconds
  std::string zone;
};

std::optional<Sent> parse_sent(std::string_view value) {
  HeaderTokens tokens(value);
  tokens.skip_space();
  auto word = next_word(tokens);
  if (word.size() == 3) {
    if (!tokens.sees(',')) return std::nullopt;
    tokens.advance();
    tokens.skip_space();
    word = next_word(tokens);
  }
  const auto day = word, month = next_word(tokens).substr(0, 3), year_text = next_word(tokens);
  auto year = digits(year_text, 4);
  if (!digits(day, 2) || !year || (year_text.size() != 2 && year_text.size() != 4)) return std::nullopt;
  if (year_text.size() == 2) *year += *year < 70 ? 2000 : 1900;
  const auto date = imap::parse_date(day + "-" + month + "-" + std::to_string(*year));
  Sent out;
  const auto time = read_time(tokens, out.zone);
  if (*year < 1900 || !date || !time) return std::nullopt;
  out.local = imap::days_from_civil(*date) * 86400 + static_cast<std::int64_t>(*time);
  return out;
}

// A zone as Dovecot sorts by it, in seconds: digits as they are, RFC 822's letters and names.
std::int64_t sorted_zone(std::string_view zone) {
  const auto upper = [&](std::size_t i) { return static_cast<char>(zone[i] >= 'a' ? zone[i] - 32 : zone[i]); };
  if (zone.size() == 5 && (zone[0] == '+' || zone[0] == '-')) {
    const auto hours = digits(std::string(zone.substr(1, 2)), 2), minutes = digits(std::string(zone.substr(3, 2)), 2);
    if (!hours || !minutes) return 0;
    return (zone[0] == '-' ? -1 : 1) * static_cast<std::int64_t>(*hours * 3600 + *minutes * 60);
  }
  if (zone.size() == 1) {
    if (upper(0) < 'J') return (zone[0] - 'A' + 1) * 3600;
    if (upper(0) == 'J' || upper(0) >= 'Z') return 0;
    return upper(0) <= 'M' ? (zone[0] - 'A') * 3600 : ('M' - zone[0]) * 3600;
  }
  if (zone.size() != 3 || zone[2] != 'T' || (upper(1) != 'D' && upper(1) != 'S')) return 0;
  const auto at = std::string_view("ECMP").find(upper(0));
  if (at == std::string_view::npos) return 0;
  return (-5 - static_cast<std::int64_t>(at) + (upper(1) == 'D' ? 1 : 0)) * 3600;
}

}  // namespace

std::optional<imap::Date> sent_date(std::string_view value) {
  const auto sent = parse_sent(value);
  if (!sent || sent->local == -1) return std::nullopt;  // -1: what Dovecot's clock says of what it cannot count
  return imap::civil_from_days(static_cast<std::uint32_t>(sent->local) / 86400);
}

std::optional<std::int64_t> sent_time(std::string_view header) {
  std::optional<std::int64_t> out;
  for_each_field(header, [&](const HeaderField& field) {
    if (!imap::equal_ignoring_case(field.name, "Date")) return true;
    if (const auto sent = parse_sent(unfold(field.value))) out = sent->local - zone_seconds(sent->zone);
    return false;
  });
  return out;
}

std::uint32_t sorted_date(std::string_view value) {
  const auto sent = parse_sent(value);
  if (!sent || sent->local == -1) return 0;
  return static_cast<std::uint32_t>(sent->local - sorted_zone(sent->zone));
}

}  // namespace mail
