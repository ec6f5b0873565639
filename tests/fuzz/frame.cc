// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// The framer says the same in whatever pieces the octets come. The first octet says who reads and how long the pieces
// are.
#include "proto/frame.h"

#include <string>

#include "tests/fuzz/target.h"

namespace {

using namespace imap;

FramerLimits limits() {
  FramerLimits out;
  out.line = 100;
  out.literal = 60;
  out.inline_literal = 20;
  out.inline_total = 40;
  out.literals = 5;
  return out;
}

std::string said(Framer::Side side, std::string_view octets, std::size_t piece) {
  Framer framer(side, limits());
  std::string out;
  for (std::size_t at = 0; at < octets.size(); at += piece) {
    framer.give(octets.substr(at, piece));
    for (auto next = framer.next(); next != Framer::Next::NeedMore; next = framer.next()) {
      if (next == Framer::Next::SendContinue) out += "+\n";
      if (next == Framer::Next::Refused)
        out += (framer.refused() == Framer::Why::BigLiteral ? "literal " : "line ") +
               std::string(framer.refused_tag()) + "\n";
      if (next != Framer::Next::Frame) continue;
      const auto frame = framer.take_frame();
      out += "frame " + frame.text + "\n";
      for (const auto& [where, literal] : frame.spooled) out += std::to_string(where) + " " + literal.bytes() + "\n";
    }
  }
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const auto side = data[0] & 1 ? Framer::Side::Client : Framer::Side::Server;
  const std::size_t piece = 1 + (data[0] >> 1) % 40;
  const auto octets = fuzz::octets(data + 1, size - 1);
  fuzz::require_same("in pieces and whole", said(side, octets, piece), said(side, octets, octets.size()));
  return 0;
}
