// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "proto/frame.h"

#include <algorithm>
#include <cerrno>
#include <limits>
#include <system_error>
#include <utility>

#include "proto/base/files.h"
#include "proto/flags.h"

namespace imap {

namespace {

struct LiteralMark {
  std::uint64_t size;
  bool waits;
};

// A line segment that ends in "{n}" or "{n+}" announces a literal. No line of the grammar ends so otherwise, and where
// one that is malformed does, the octets that follow are rather not taken for commands.
std::optional<LiteralMark> literal_mark(std::string_view segment) {
  if (!segment.ends_with('}')) return std::nullopt;
  const auto open = segment.rfind('{');
  if (open == std::string_view::npos) return std::nullopt;
  auto digits = segment.substr(open + 1, segment.size() - open - 2);
  bool waits = true;
  if (digits.ends_with('+') || digits.ends_with('-')) {
    waits = false;
    digits.remove_suffix(1);
  }
  if (digits.empty()) return std::nullopt;
  std::uint64_t size = 0;
  for (const char c : digits) {
    if (c < '0' || c > '9') return std::nullopt;
    const auto digit = static_cast<std::uint64_t>(c - '0');
    if (size > (std::numeric_limits<std::uint64_t>::max() - digit) / 10)
      size = std::numeric_limits<std::uint64_t>::max() / 100;
    size = size * 10 + digit;
  }
  return LiteralMark{size, waits};
}

// "* OK text", "tag NO text", "+ text": what a server says to people may end in anything, "{3}" too.
bool is_status_line(std::string_view line) {
  if (line.starts_with('+')) return true;
  const auto space = line.find(' ');
  if (space == std::string_view::npos) return false;
  const auto word = line.substr(space + 1, line.find(' ', space + 1) - space - 1);
  for (const std::string_view kind : {"OK", "NO", "BAD", "BYE", "PREAUTH"})
    if (equal_ignoring_case(word, kind)) return true;
  return false;
}

bool can_be_shown_as_tag(std::string_view tag) {
  return !tag.empty() && tag.size() <= 64 && std::ranges::all_of(tag, [](char c) {
    return c > 0x20 && c < 0x7F && std::string_view("(){%*\"\\+").find(c) == std::string_view::npos;
  });
}

// A line may be so much longer for each literal in it but the first: MULTIAPPEND has flags and a date before each.
constexpr std::uint64_t kLineForLiteral = 256;
constexpr std::size_t kTail = 32;  // holds the longest literal mark

}  // namespace

Framer::Framer(Side side, FramerLimits limits) : side_(side), limits_(std::move(limits)) {}

void Framer::set_limits(FramerLimits limits) { limits_ = std::move(limits); }

void Framer::give(std::string_view bytes) {
  if (at_ > 0 && (at_ == input_.size() || at_ > 256 * 1024)) {
    input_.erase(0, at_);
    scanned_ -= std::min(scanned_, at_);
    at_ = 0;
  }
  input_ += bytes;
}

Framer::Next Framer::next() {
  if (looked_ahead_) return *std::exchange(looked_ahead_, std::nullopt);
  return advance();
}

bool Framer::has_complete_frame() {
  if (!looked_ahead_) {
    const auto next = advance();
    if (next != Next::NeedMore) looked_ahead_ = next;
  }
  return looked_ahead_ == Next::Frame;
}

void Framer::reset_frame() {
  frame_ = {};
  line_octets_ = literals_ = 0;
  literal_octets_ = inline_octets_ = 0;
  spool_.reset();
}

Frame Framer::take_frame() {
  Frame out = std::move(frame_);
  reset_frame();
  return out;
}

void Framer::refuse(Why why) {
  const auto tag = std::string_view(frame_.text).substr(0, frame_.text.find(' '));
  refused_tag_ = tag.size() < frame_.text.size() && can_be_shown_as_tag(tag) ? tag : "*";
  refused_ = why;
  reset_frame();
}

std::string_view Framer::refused_tag() const { return refused_tag_; }
std::size_t Framer::buffered() const { return input_.size() - at_ + frame_.text.size() + (looked_ahead_ ? 1 : 0); }

std::string Framer::take_rest() {
  std::string out = input_.substr(at_);
  input_.clear();
  at_ = scanned_ = 0;
  return out;
}

std::optional<Framer::Next> Framer::begin_literal(std::uint64_t size, bool waits) {
  waits = waits && side_ == Side::Server;
  ++literals_;
  remaining_ = size;
  state_ = State::SkipLiteral;
  if (size > limits_.literal || literals_ > limits_.literals || size > limits_.literals_total - literal_octets_) {
    refuse(Why::BigLiteral);
  } else if (size > limits_.inline_literal || inline_octets_ + size > limits_.inline_total) {
    literal_octets_ += size;
    state_ = State::Spool;
    spool({});
  } else {
    literal_octets_ += size;
    inline_octets_ += size;
    frame_.text.reserve(frame_.text.size() + size + 64);
    state_ = State::Inline;
  }
  if (state_ == State::SkipLiteral && waits) {  // told so, the client does not send it
    state_ = State::Line;
    return Next::Refused;
  }
  if (state_ == State::SkipLiteral && side_ == Side::Client) return Next::Refused;
  if (waits) return Next::SendContinue;
  return std::nullopt;
}

// A full disk refuses a command, and what is still to come of it is skipped; a client has nobody to refuse.
void Framer::spool(std::string_view octets) {
  try {
    if (!spool_) spool_ = limits_.spool();
    if (!octets.empty()) spool_->write(octets);
    if (remaining_ > 0) return;
    frame_.spooled.push_back({frame_.text.size(), Literal(spool_->finish())});
    spool_.reset();
  } catch (const std::system_error& error) {
    if (!base::is_disk_full(error.code()) || side_ == Side::Client) throw;
    refuse(Why::NoSpace);
    state_ = State::SkipLiteral;
  }
}

std::optional<Framer::Next> Framer::line_is_too_long(std::string_view beginning) {
  frame_.text += beginning.substr(0, 128);
  refuse(Why::LongLine);
  state_ = State::SkipLine;
  tail_.clear();
  if (side_ == Side::Client) return Next::Refused;
  return std::nullopt;
}

// A segment is a line without its end: all of it, or what stands before, between and behind literals.
std::optional<Framer::Next> Framer::read_line() {
  const auto end = input_.find('\n', std::max(scanned_, at_));
  auto segment = std::string_view(input_).substr(at_, end == std::string::npos ? end : end - at_);
  if (segment.ends_with('\r')) segment.remove_suffix(1);
  const auto more = literals_ == 0 ? 0 : std::min((literals_ - 1) * kLineForLiteral, limits_.literals_total);
  if (line_octets_ + segment.size() > limits_.line + more) return line_is_too_long(segment);
  if (end == std::string::npos) {
    scanned_ = input_.size();
    return Next::NeedMore;
  }
  const bool first = frame_.text.empty();
  at_ = end + 1;
  frame_.text += segment;
  line_octets_ += segment.size();
  const auto mark = literal_mark(segment);
  if (!mark || (side_ == Side::Client && first && is_status_line(segment))) return Next::Frame;
  frame_.text += "\r\n";
  return begin_literal(mark->size, mark->waits);
}

// The rest of a refused line is skipped with the literals in it; only its end is kept, to see the next literal.
std::optional<Framer::Next> Framer::skip_line() {
  const auto rest = std::string_view(input_).substr(at_);
  const auto end = rest.find('\n');
  const auto line = rest.substr(0, end);
  tail_ += line.substr(line.size() - std::min(line.size(), kTail));
  if (tail_.size() > kTail) tail_.erase(0, tail_.size() - kTail);
  at_ += line.size();
  if (end == std::string_view::npos) return Next::NeedMore;
  ++at_;
  if (tail_.ends_with('\r')) tail_.pop_back();
  const auto mark = literal_mark(tail_);
  if (mark && !(mark->waits && side_ == Side::Server)) {
    remaining_ = mark->size;
    state_ = State::SkipLiteral;
    return std::nullopt;
  }
  state_ = State::Line;
  return Next::Refused;
}

// What has come of the literal that is being read.
std::string_view Framer::take(std::uint64_t most) {
  const auto out = std::string_view(input_).substr(
      at_, static_cast<std::size_t>(std::min<std::uint64_t>(most, std::numeric_limits<std::ptrdiff_t>::max())));
  at_ += out.size();
  remaining_ -= out.size();
  return out;
}

Framer::Next Framer::advance() {
  for (;;) {
    std::optional<Next> next;
    switch (state_) {
      case State::Line: next = read_line(); break;
      case State::SkipLine: next = skip_line(); break;
      case State::Inline:
        frame_.text += take(remaining_);
        if (remaining_ > 0) return Next::NeedMore;
        state_ = State::Line;
        break;
      case State::Spool:
        if (const auto octets = take(remaining_); !octets.empty()) spool(octets);
        if (state_ == State::SkipLiteral) break;
        if (remaining_ > 0) return Next::NeedMore;
        state_ = State::Line;
        break;
      case State::SkipLiteral:
        take(remaining_);
        if (remaining_ > 0) return Next::NeedMore;
        tail_.clear();
        state_ = State::SkipLine;
        break;
    }
    if (next) return *next;
  }
}

}  // namespace imap
