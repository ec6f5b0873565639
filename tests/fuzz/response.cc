// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// A response that parses must print, and what it prints must parse, and print the same again.
#include "proto/response.h"

#include <optional>
#include <string>

#include "proto/parser.h"
#include "tests/fuzz/target.h"

namespace {

using namespace imap;

std::string print_whole(const Response& response) {
  std::string out, whole;
  Printer printer(out);
  print(printer, response);
  std::size_t at = 0;
  for (const auto& splice : printer.splices()) {
    whole.append(out, at, splice.at - at);
    whole += splice.literal.bytes();
    at = splice.at;
  }
  return whole.append(out, at);
}

std::optional<Response> parsed(const Frame& frame) {
  try {
    return parse_response(frame);
  } catch (const SyntaxError&) {
    return std::nullopt;
  }
}

// A name that is no modified UTF-7 is kept as it came, and has no text of its own.
bool has_a_name_of_its_own(const Response& response) {
  const auto* list = std::get_if<ListResponse>(&response);
  const auto* status = std::get_if<MailboxStatusResponse>(&response);
  if (!list && !status) return true;
  return decode_modified_utf7(list ? list->wire_name : status->wire_name).has_value();
}

void check(const Frame& frame) {
  const auto response = parsed(frame);
  if (!response) return;
  if (std::holds_alternative<UnknownResponse>(*response) && !frame.spooled.empty()) return;  // without its big literals
  const auto text = print_whole(*response);
  FramerLimits wide;
  wide.line = 1 << 24;
  Framer framer(Framer::Side::Client, wide);
  framer.give(text);
  fuzz::require(framer.next() == Framer::Next::Frame, "what was printed is a frame", text);
  const auto again_frame = framer.take_frame();
  fuzz::require(framer.buffered() == 0, "what was printed is one frame", text);
  const auto again = parsed(again_frame);
  fuzz::require(again.has_value(), "what was printed parses", text);
  fuzz::require(again->index() == response->index(), "it is the same response", text);
  const auto text_again = print_whole(*again);
  if (!std::holds_alternative<TaggedResponse>(*response)) {
    if (has_a_name_of_its_own(*response)) fuzz::require_same("the text", text, text_again);
    return;
  }
  framer.give(text_again);  // octets that no line may hold became '?', which may make a code of it
  framer.next();
  const auto third = parsed(framer.take_frame());
  fuzz::require(third.has_value(), "what was printed again parses", text_again);
  fuzz::require_same("the text", text_again, print_whole(*third));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  FramerLimits limits;
  limits.inline_literal = 64;
  limits.inline_total = 128;
  Framer framer(Framer::Side::Client, limits);
  framer.give(fuzz::octets(data, size));
  for (;;) {
    const auto next = framer.next();
    if (next == Framer::Next::NeedMore) return 0;
    if (next == Framer::Next::Frame) check(framer.take_frame());
  }
}
