// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// A command that parses must print, and what it prints must parse to the same value and print the same again.
#include "proto/command.h"

#include <string>

#include "tests/fuzz/frames.h"
#include "tests/support/whole_text.h"

namespace {

using namespace imap;

std::string print_whole(std::string_view tag, const Command& command) {
  return tests::whole_text(Printer::Literals::NonSync, tag, command);
}

void check(const Frame& frame) {
  const auto parsed = parse_command(frame);
  const auto* command = std::get_if<TaggedCommand>(&parsed);
  if (!command) return;
  const auto text = print_whole(command->tag, command->command);
  const auto again_frame = fuzz::frame_of_printed(text, Framer::Side::Server);
  const auto reparsed = parse_command(again_frame);
  const auto* again = std::get_if<TaggedCommand>(&reparsed);
  fuzz::require(again, "what was printed parses", text);
  fuzz::require_same("the tag", command->tag, again->tag);
  fuzz::require_same("the text", text, print_whole(again->tag, again->command));
  fuzz::require(command->command == again->command, "the value is the same", text);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::for_each_frame(fuzz::octets(data, size), Framer::Side::Server, check);
  return 0;
}
