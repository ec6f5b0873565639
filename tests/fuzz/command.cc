// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// A command that parses must print, and what it prints must parse to the same value and print the same again.
#include "proto/command.h"

#include <string>

#include "tests/fuzz/target.h"

namespace {

using namespace imap;

std::string print_whole(std::string_view tag, const Command& command) {
  std::string out, whole;
  Printer printer(out, Printer::Literals::NonSync);
  print(printer, tag, command);
  std::size_t at = 0;
  for (const auto& splice : printer.splices()) {
    whole.append(out, at, splice.at - at);
    whole += splice.literal.bytes();
    at = splice.at;
  }
  return whole.append(out, at);
}

void check(const Frame& frame) {
  const auto parsed = parse_command(frame);
  const auto* command = std::get_if<TaggedCommand>(&parsed);
  if (!command) return;
  const auto text = print_whole(command->tag, command->command);
  FramerLimits wide;
  wide.line = 1 << 24;
  Framer framer(Framer::Side::Server, wide);
  framer.give(text);
  fuzz::require(framer.next() == Framer::Next::Frame, "what was printed is a frame", text);
  const auto again_frame = framer.take_frame();
  fuzz::require(framer.buffered() == 0, "what was printed is one frame", text);
  const auto reparsed = parse_command(again_frame);
  const auto* again = std::get_if<TaggedCommand>(&reparsed);
  fuzz::require(again, "what was printed parses", text);
  fuzz::require_same("the tag", command->tag, again->tag);
  fuzz::require_same("the text", text, print_whole(again->tag, again->command));
  fuzz::require(command->command == again->command, "the value is the same", text);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  FramerLimits limits;
  limits.inline_literal = 64;
  limits.inline_total = 128;
  Framer framer(Framer::Side::Server, limits);
  framer.give(fuzz::octets(data, size));
  for (;;) {
    const auto next = framer.next();
    if (next == Framer::Next::NeedMore) return 0;
    if (next == Framer::Next::Frame) check(framer.take_frame());
  }
}
