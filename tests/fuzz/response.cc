// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// A response that parses must print, and what it prints must parse, and print the same again.
#include "proto/response.h"

#include <optional>
#include <string>

#include "proto/parser.h"
#include "tests/fuzz/frames.h"
#include "tests/support/whole_text.h"

namespace {

using namespace imap;

std::string print_whole(const Response& response) { return tests::whole_text(Printer::Literals::Plain, response); }

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

// Subjects and names are printed without the spaces around them, as a literal where that is another text (Dovecot does
// so), and are plain strings when they come back.
bool has_texts_for_people(const Response& response) {
  const auto* fetched = std::get_if<FetchResponse>(&response);
  return fetched && (fetched->envelope || fetched->body);
}

void check(const Frame& frame) {
  const auto response = parsed(frame);
  if (!response) return;
  if (std::holds_alternative<UnknownResponse>(*response) && !frame.spooled.empty()) return;  // without its big literals
  const auto text = print_whole(*response);
  const auto again_frame = fuzz::frame_of_printed(text, Framer::Side::Client);
  const auto again = parsed(again_frame);
  fuzz::require(again.has_value(), "what was printed parses", text);
  fuzz::require(again->index() == response->index(), "it is the same response", text);
  const auto text_again = print_whole(*again);
  if (!std::holds_alternative<TaggedResponse>(*response) && !has_texts_for_people(*response)) {
    if (has_a_name_of_its_own(*response)) fuzz::require_same("the text", text, text_again);
    return;
  }
  // Octets that no line may hold became '?', which may make a code of it; or a text for people lost spaces.
  const auto third = parsed(fuzz::frame_of_printed(text_again, Framer::Side::Client));
  fuzz::require(third.has_value(), "what was printed again parses", text_again);
  fuzz::require_same("the text", text_again, print_whole(*third));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::for_each_frame(fuzz::octets(data, size), Framer::Side::Client, check);
  return 0;
}
