// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Whatever a message holds: its parts lie within it and within each other, it is the same in whatever pieces it comes,
// its records decode to what they were, damaged records do no harm, every section is within the message, and ENVELOPE,
// BODYSTRUCTURE and SEARCH have an answer.
#include "proto/mail/mime.h"

#include <algorithm>
#include <string>

#include "proto/mail/header.h"
#include "proto/mail/search_text.h"
#include "proto/message_data_text.h"
#include "proto/printer.h"
#include "tests/fuzz/target.h"

namespace {

using namespace mail;

std::string printed(const mail::Part& part) {
  std::string out;
  imap::Printer printer(out);
  imap::print_body(printer, mail::to_body_structure(part), true);
  return out;
}

void check_places(const mail::Part& part, std::string_view message, std::uint64_t begin, std::uint64_t end) {
  fuzz::require(part.header_at >= begin && part.body_at == part.header_at + part.header_size, "header", message);
  fuzz::require(part.body_at <= end && part.body_at + part.body_size <= end, "body", message);
  fuzz::require(part.data.size == part.body_size, "size", message);
  const auto body = message.substr(part.body_at, part.body_size);
  fuzz::require(part.data.lines == static_cast<std::uint64_t>(std::ranges::count(body, '\n')), "lines", message);
  fuzz::require(!part.data.envelope || part.children.size() == 1, "a message in a message", message);
  auto from = part.body_at;
  for (const auto& child : part.children) {
    check_places(child, message, from, part.body_at + part.body_size);
    from = child.body_at + child.body_size;
  }
}

void check_sections(const mail::Part& message, std::string_view text, std::vector<std::uint32_t> path,
                    const mail::Part& part) {
  using Text = imap::Section::Text;
  for (const auto what : {Text::All, Text::Header, Text::HeaderFields, Text::Text, Text::Mime}) {
    const auto place = mail::locate(message, {path, what, {}});
    fuzz::require(!place || place->offset + place->size <= text.size(), "a section lies within the message", text);
    if (what == Text::All && !path.empty()) fuzz::require(place && place->size == part.body_size, "the part", text);
  }
  const auto& within = part.data.envelope ? part.children[0] : part;
  if (path.empty() && part.data.envelope) path.push_back(1);
  path.push_back(0);
  for (const auto& child : within.children) {
    ++path.back();
    if (!within.data.envelope) check_sections(message, text, path, child);
  }
}

void check_records(const mail::Part& part, std::string_view message, std::size_t where) {
  const auto record = encode(part);
  auto again = mail::decode_part(record);
  fuzz::require(again.has_value(), "a record decodes", message);
  fuzz::require_same("the record", record, encode(*again));
  fuzz::require_same("the structure", printed(part), printed(*again));
  fuzz::require(!mail::decode_part(record.substr(0, where % record.size())), "a cut record is none", message);
  auto damaged = record;
  damaged[where % damaged.size()] = static_cast<char>(damaged[where % damaged.size()] + 1);
  if (const auto read = mail::decode_part(damaged)) printed(*read);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto message = fuzz::octets(data, size);
  const auto part = mail::parse_message(message);
  fuzz::require(part.header_size + part.body_size == size, "the parts are the message", message);
  check_places(part, message, 0, size);
  check_sections(part, message, {}, part);
  const auto record = encode(part);
  for (const std::size_t piece : {1u, 3u, 50u}) {
    mail::MimeParser parser;
    for (std::size_t at = 0; at < size; at += piece) parser.give(message.substr(at, piece));
    fuzz::require_same("in pieces", record, encode(parser.finish()));
  }
  check_records(part, message, size * 7 + (size > 0 ? data[size / 2] : 0));
  const auto envelope = mail::parse_envelope(message.substr(0, part.header_size));
  const auto again = mail::decode_envelope(mail::encode(envelope));
  fuzz::require(again && *again == envelope, "the envelope", message);
  mail::SearchText text(message);
  fuzz::require(!text.in_bodies("SOUGHT") || text.in_text("SOUGHT"), "what a body holds the text holds", message);
  return 0;
}
