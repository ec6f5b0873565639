// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "proto/mail/search_text.h"

#include <algorithm>

#include "proto/flags.h"
#include "proto/mail/charset.h"
#include "proto/mail/header.h"
#include "proto/mail/header_tokens.h"

namespace mail {

namespace {

bool is(std::string_view a, std::string_view b) { return imap::equal_ignoring_case(a, b); }

void list_parts(const Part& part, std::vector<const Part*>& out) {
  out.push_back(&part);
  for (const auto& child : part.children) list_parts(child, out);
}

// What a header says of how its body is to be read.
struct Reading {
  bool text = true;
  std::string charset;
  std::string encoding = "7bit";
  bool typed = false;

  void note(const HeaderField& field) {
    if (is(field.name, "content-type")) {
      const auto type = parse_content_type(field.value);
      text = !type.subtype.empty() && (is(type.type, "text") || is(type.type, "message"));
      const auto* named = type.parameter("charset");
      if (!typed && named) charset = *named;
      typed = true;
    } else if (is(field.name, "content-transfer-encoding")) {
      HeaderTokens tokens(field.value);
      tokens.skip_space();
      encoding.clear();
      const auto after = tokens.mime_token(encoding);
      if (after == HeaderTokens::Ahead::More && !tokens.sees(';')) encoding = "unknown";
    }
  }
};

// The name, what stands between it and the value, the value in one line, and a line end.
void append_field(std::string& out, const HeaderField& field) {
  append_folded(out, field.whole.substr(0, static_cast<std::size_t>(field.value.data() - field.whole.data())));
  if (field.value.starts_with(' ') || field.value.starts_with('\t')) out += field.value[0];
  append_folded(out, decode_words(one_line(field.value)));
  if (field.whole.ends_with('\n')) out += "\r\n";
}

}  // namespace

SearchText::SearchText(std::string_view message) : message_(message), structure_(parse_message(message)) {
  list_parts(structure_, parts_);
}

const SearchText::Piece* SearchText::piece(std::size_t number) {
  if (number >= parts_.size()) return nullptr;
  while (pieces_.size() <= number) {
    Piece next;
    read(*parts_[pieces_.size()], next);
    pieces_.push_back(std::move(next));
  }
  return &pieces_[number];
}

void SearchText::read(const Part& part, Piece& out) const {
  Reading reading;
  const auto header = message_.substr(part.header_at, part.header_size);
  for_each_field(header, [&](const HeaderField& field) {
    reading.note(field);
    append_field(out.text, field);
    return true;
  });
  if (header == "\r\n" || header.ends_with("\n\r\n")) out.text += "\r\n";
  out.body_at = out.text.size();
  if (!part.children.empty() || !reading.text) return;
  const auto octets = message_.substr(part.body_at, part.body_size);
  const bool plain = is(reading.encoding, "7bit") || is(reading.encoding, "8bit") || is(reading.encoding, "binary");
  const auto decoded = plain ? std::nullopt : decode_transfer(reading.encoding, octets);
  if (!plain && !decoded) return;
  const std::string_view text = plain ? octets : std::string_view(*decoded);
  const auto utf8 = is_known_charset(reading.charset) ? to_utf8(reading.charset, text) : to_utf8("utf-8", text);
  if (utf8) append_folded(out.text, *utf8);
}

bool SearchText::in_text(const std::string& folded) {
  for (std::size_t i = 0; const auto* now = piece(i); ++i)
    if (now->text.find(folded) != std::string::npos) return true;
  return false;
}

bool SearchText::in_bodies(const std::string& folded) {
  for (std::size_t i = 0; const auto* now = piece(i); ++i)
    if (now->text.find(folded, now->body_at) != std::string::npos) return true;
  return false;
}

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

}  // namespace

// date-time = [day-name ","] day month year time zone. Times are counted in 32 bits from 1970, so that what mail of
// impossible years answers is the same as with Dovecot.
namespace {

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

}  // namespace mail
