// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Framer: bytes in; a whole line with its literals, "more", or "send +" out (RFC 9051 section 4.3 and 7.5; RFC 7888).
// No I/O but what the Spool does to which big literals go.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "proto/literal.h"

namespace imap {

// One line up to its CRLF (which is not kept), literals included. Octets: `text` holds everything as it came, small
// literals inline behind their "{n}CRLF"; the octets of a spooled literal are left out of it and found in `spooled`, in
// order.
struct Frame {
  std::string text;
  struct Spooled {
    std::size_t at;  // offset in text just behind the literal's "{n}CRLF"
    Literal literal;
  };
  std::vector<Spooled> spooled;
};

struct FramerLimits {
  std::size_t line = 64 * 1024;             // octets of a line outside its literals
  std::uint64_t literal = 1ull << 30;       // octets of one literal
  std::size_t inline_literal = 256 * 1024;  // larger ones are spooled
  std::size_t inline_total = 1024 * 1024;   // once a frame holds this much inline, further literals are spooled
  std::size_t literals = 10000;             // in one frame
  std::uint64_t literals_total = ~0ull;     // octets of all literals in one frame
  SpoolFactory spool = spool_in_memory();
};

class Framer {
 public:
  enum class Side : std::uint8_t { Server, Client };  // who reads: a server must say "+" to synchronising literals
  enum class Next : std::uint8_t {
    NeedMore,      // give(more bytes)
    SendContinue,  // write "+ ..." to the peer, then go on calling next()
    Frame,         // take_frame()
    Refused,       // a line was refused; refused_tag() and refused() tell. A server skips it and goes on calling
                   // next(); a client is told before its end, which may never come, and does not go on
  };

  enum class Why : std::uint8_t { LongLine, BigLiteral, NoSpace };

  Framer(Side side, FramerLimits limits);
  void set_limits(FramerLimits limits);  // between frames
  void give(std::string_view bytes);     // copies
  Next next();
  Frame take_frame();
  std::string_view refused_tag() const;  // of the frame that was refused, "*" if there was none
  Why refused() const { return refused_; }
  std::size_t buffered() const;  // bytes given and not yet taken: must be 0 when a transport is upgraded
  bool is_spooling() const { return state_ == State::Spool; }  // next() may wait for a disk
  bool has_complete_frame();                                   // next() would answer Frame without more bytes
  std::string take_rest();                                     // the buffered bytes, for a filter put in between

 private:
  enum class State : std::uint8_t { Line, Inline, Spool, SkipLine, SkipLiteral };
  Next advance();
  // Steps of advance(); nullopt: go on in the state that the step has set.
  std::optional<Next> read_line();
  std::optional<Next> begin_literal(std::uint64_t size, bool waits);
  std::optional<Next> skip_line();
  std::optional<Next> line_is_too_long(std::string_view beginning);
  std::string_view take(std::uint64_t most);
  void spool(std::string_view octets);  // of the literal that is arriving; its end ends it
  void refuse(Why why);
  void reset_frame();

  Side side_;
  FramerLimits limits_;
  State state_ = State::Line;
  std::string input_;
  std::size_t at_ = 0;       // consumed of input_
  std::size_t scanned_ = 0;  // no line end before this offset of input_
  Frame frame_;
  std::size_t line_octets_ = 0;
  std::size_t literals_ = 0;
  std::uint64_t literal_octets_ = 0, inline_octets_ = 0;
  std::uint64_t remaining_ = 0;  // of the literal being read or skipped
  std::unique_ptr<Spool> spool_;
  std::string tail_;  // the end of a line that is skipped, to see a literal in it
  std::optional<Next> looked_ahead_;
  std::string refused_tag_ = "*";
  Why refused_ = Why::LongLine;
};

}  // namespace imap
