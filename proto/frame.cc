// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "proto/frame.h"

#include <algorithm>
#include <limits>

namespace imap {

namespace {

struct LiteralMark {
  std::uint64_t size;
  bool waits;
};

// A line segment that ends in "{n}" or "{n+}" announces a literal.
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
  if (digits.empty() || digits.size() > 20) return std::nullopt;
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
  if (looked_ahead_) {
    const auto next = *looked_ahead_;
    looked_ahead_.reset();
    return next;
  }
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
  inline_octets_ = 0;
}

Frame Framer::take_frame() {
  Frame out = std::move(frame_);
  reset_frame();
  return out;
}

void Framer::refuse(bool literal) {
  const auto space = frame_.text.find(' ');
  refused_tag_ = space == std::string::npos || space == 0 || space > 64 ? "*" : frame_.text.substr(0, space);
  refused_literal_ = literal;
  reset_frame();
  spool_.reset();
}

std::string_view Framer::refused_tag() const { return refused_tag_; }
bool Framer::refused_literal() const { return refused_literal_; }
std::size_t Framer::buffered() const { return input_.size() - at_ + frame_.text.size() + (looked_ahead_ ? 1 : 0); }

std::string Framer::take_rest() {
  std::string out = input_.substr(at_);
  input_.clear();
  at_ = scanned_ = 0;
  return out;
}

Framer::Next Framer::begin_literal(std::uint64_t size, bool waits) {
  ++literals_;
  if (size > limits_.literal || literals_ > limits_.literals) {
    refuse(true);
    if (waits && side_ == Side::Server) return Next::TooLong;  // told so, the client does not send it
    remaining_ = size;
    tail_.clear();
    state_ = State::SkipLiteral;
    return advance();
  }
  remaining_ = size;
  if (size > limits_.inline_literal || inline_octets_ + size > limits_.inline_total) {
    spool_ = std::make_shared<base::FileDescriptor>(base::anonymous_file(limits_.spool_directory));
    spooled_size_ = size;
    state_ = State::Spool;
  } else {
    inline_octets_ += size;
    frame_.text.reserve(frame_.text.size() + size + 64);
    state_ = State::Inline;
  }
  if (waits && side_ == Side::Server) return Next::SendContinue;
  return advance();
}

// A segment is a line without its end: all of it, or what stands before, between and behind literals.
Framer::Next Framer::end_of_segment(std::string_view segment) {
  frame_.text += segment;
  line_octets_ += segment.size();
  const auto mark = literal_mark(segment);
  if (!mark) return Next::Frame;
  frame_.text += "\r\n";
  return begin_literal(mark->size, mark->waits);
}

Framer::Next Framer::advance() {
  for (;;) {
    const std::string_view rest(input_.data() + at_, input_.size() - at_);
    switch (state_) {
      case State::Line: {
        const auto from = std::max(scanned_, at_);
        const auto end = input_.find('\n', from);
        if (end == std::string::npos) {
          scanned_ = input_.size();
          if (line_octets_ + rest.size() <= limits_.line) return Next::NeedMore;
          frame_.text += rest.substr(0, 128);
          refuse(false);
          state_ = State::SkipLine;
          tail_.clear();
          break;
        }
        auto segment = std::string_view(input_).substr(at_, end - at_);
        if (segment.ends_with('\r')) segment.remove_suffix(1);
        if (line_octets_ + segment.size() > limits_.line) {
          frame_.text += segment.substr(0, 128);
          refuse(false);
          state_ = State::SkipLine;
          tail_.clear();
          break;
        }
        at_ = end + 1;
        return end_of_segment(segment);
      }
      case State::Inline: {
        const auto n = std::min<std::uint64_t>(remaining_, rest.size());
        frame_.text += rest.substr(0, n);
        at_ += n;
        remaining_ -= n;
        if (remaining_ > 0) return Next::NeedMore;
        state_ = State::Line;
        break;
      }
      case State::Spool: {
        const auto n = std::min<std::uint64_t>(remaining_, rest.size());
        if (n > 0) base::write_all(spool_->get(), rest.substr(0, n));
        at_ += n;
        remaining_ -= n;
        if (remaining_ > 0) return Next::NeedMore;
        frame_.spooled.push_back({frame_.text.size(), Literal(std::move(spool_), 0, spooled_size_)});
        spool_.reset();
        state_ = State::Line;
        break;
      }
      case State::SkipLine: {
        const auto end = rest.find('\n');
        const auto taken = end == std::string_view::npos ? rest.size() : end;
        tail_ += rest.substr(taken - std::min<std::size_t>(taken, 32), std::min<std::size_t>(taken, 32));
        if (tail_.size() > 32) tail_.erase(0, tail_.size() - 32);
        at_ += taken;
        if (end == std::string_view::npos) return Next::NeedMore;
        ++at_;
        if (tail_.ends_with('\r')) tail_.pop_back();
        const auto mark = literal_mark(tail_);
        if (mark && !(mark->waits && side_ == Side::Server)) {
          remaining_ = mark->size;
          state_ = State::SkipLiteral;
          break;
        }
        state_ = State::Line;
        return Next::TooLong;
      }
      case State::SkipLiteral: {
        const auto n = std::min<std::uint64_t>(remaining_, rest.size());
        at_ += n;
        remaining_ -= n;
        if (remaining_ > 0) return Next::NeedMore;
        tail_.clear();
        state_ = State::SkipLine;
        break;
      }
    }
  }
}

}  // namespace imap
