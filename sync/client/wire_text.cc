// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// How secrets are left out: from a line "TAG LOGIN" or "TAG AUTHENTICATE MECHANISM" on, up to the server's answer with
// that tag, nothing that is sent is shown but the tag, the command and the mechanism, and of what is received nothing
// behind a "+". What is pipelined behind a login (COMPRESS) is not shown either.
#include "sync/client/wire_text.h"

#include <algorithm>
#include <charconv>

#include "proto/base/printable.h"
#include "proto/flags.h"

namespace mirror {

namespace {

constexpr std::size_t kLongestLine = 1000, kLongestLiteral = 60;
constexpr std::size_t kTail = 32;

std::string_view word(std::string_view& text) {
  const auto end = std::min(text.find(' '), text.size());
  const auto out = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return out;
}

// At the end of a line on the wire: {123}, {123+}, ~{123}. 0: none.
std::uint64_t literal_at_end(std::string_view tail) {
  if (!tail.ends_with('}')) return 0;
  const auto open = tail.rfind('{');
  if (open == std::string_view::npos) return 0;
  auto digits = tail.substr(open + 1, tail.size() - open - 2);
  if (digits.ends_with('+') || digits.ends_with('-')) digits.remove_suffix(1);
  std::uint64_t out = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), out);
  return error == std::errc() && end == digits.data() + digits.size() ? out : 0;
}

}  // namespace

void WireText::sent(std::string_view octets) { take(sent_, octets); }

void WireText::received(std::string_view octets) { take(received_, octets); }

void WireText::begin_anew() {
  sent_ = {.direction = '>'};
  received_ = {.direction = '<'};
}

void WireText::add(Half& half, std::string_view octets) {
  const auto room = kLongestLine - std::min(half.line.size(), kLongestLine);
  if (half.secret || octets.size() > room) half.cut = true;
  if (!half.secret) half.line += octets.substr(0, room);
}

// Answers what is behind the literal.
std::string_view WireText::take_literal(Half& half, std::string_view octets) {
  const auto n = static_cast<std::size_t>(std::min<std::uint64_t>(half.literal, octets.size()));
  const auto shown = std::min<std::size_t>(n, kLongestLiteral - static_cast<std::size_t>(half.shown));
  add(half, octets.substr(0, shown));
  half.shown += shown;
  half.cut |= shown < n;
  half.literal -= n;
  if (half.literal > 0 || !half.cut || half.secret) return octets.substr(n);
  half.line += "…";
  half.cut = false;
  return octets.substr(n);
}

void WireText::take(Half& half, std::string_view octets) {
  while (!octets.empty()) {
    if (half.literal > 0) {
      octets = take_literal(half, octets);
      continue;
    }
    const auto end = octets.find('\n');
    const auto part = octets.substr(0, end);
    add(half, part);
    half.tail += part.substr(part.size() - std::min(part.size(), kTail));
    if (half.tail.size() > kTail) half.tail.erase(0, half.tail.size() - kTail);
    if (end == std::string_view::npos) return;
    octets.remove_prefix(end + 1);
    end_of_wire_line(half);
  }
}

void WireText::end_of_wire_line(Half& half) {
  std::string_view tail = half.tail;
  if (tail.ends_with('\r')) tail.remove_suffix(1);
  half.literal = literal_at_end(tail);
  half.tail.clear();
  if (half.line.ends_with('\r')) half.line.pop_back();
  half.shown = 0;
  if (half.direction == '>' && (!login_.empty() || starts_login(half.line))) half.secret = true;
  if (half.literal == 0) return end_of_line(half);
  if (!half.secret) half.line += ' ';
}

bool WireText::starts_login(const std::string& line) const {
  std::string_view rest = line;
  word(rest);
  const auto command = word(rest);
  return imap::equal_ignoring_case(command, "LOGIN") || imap::equal_ignoring_case(command, "AUTHENTICATE");
}

void WireText::end_of_line(Half& half) {
  std::string text = std::move(half.line);
  std::string_view rest = text;
  const std::string first(word(rest));
  if (half.direction == '>' && half.secret) {
    const bool begins = login_.empty();
    std::string shown = begins ? first + ' ' : std::string();
    if (begins) {
      login_ = first;
      const auto command = word(rest);
      shown += std::string(command);
      if (imap::equal_ignoring_case(command, "AUTHENTICATE")) shown += ' ' + std::string(word(rest));
      shown += ' ';
    }
    text = shown + "(not shown)";
  } else if (!login_.empty() && first == login_) {
    login_.clear();
  } else if (!login_.empty() && first.starts_with('+')) {
    text = "+ (not shown)";
  } else if (half.cut && !text.ends_with("…")) {
    text += "…";
  }
  if (hears_()) line_(half.direction, base::printable(text));
  half = {.direction = half.direction};
}

}  // namespace mirror
