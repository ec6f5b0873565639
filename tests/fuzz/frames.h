// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Octets as frames, for targets of what stands in one.
#pragma once

#include <string_view>

#include "proto/frame.h"
#include "tests/fuzz/target.h"

namespace fuzz {

// f of each frame among arbitrary octets; the literals of some are spooled.
template <class F>
void for_each_frame(std::string_view octets, imap::Framer::Side side, F f) {
  imap::FramerLimits limits;
  limits.inline_literal = 64;
  limits.inline_total = 128;
  imap::Framer framer(side, limits);
  framer.give(octets);
  for (;;) {
    const auto next = framer.next();
    if (next == imap::Framer::Next::NeedMore) return;
    if (next == imap::Framer::Next::Frame) f(framer.take_frame());
  }
}

// Of what we printed ourselves: it must be one frame.
inline imap::Frame frame_of_printed(std::string_view text, imap::Framer::Side side) {
  imap::FramerLimits wide;
  wide.line = 1 << 24;
  imap::Framer framer(side, wide);
  framer.give(text);
  require(framer.next() == imap::Framer::Next::Frame, "what was printed is a frame", text);
  auto out = framer.take_frame();
  require(framer.buffered() == 0, "what was printed is one frame", text);
  return out;
}

}  // namespace fuzz
