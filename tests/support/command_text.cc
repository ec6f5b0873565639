// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/support/command_text.h"

#include <gtest/gtest.h>

#include "tests/support/whole_text.h"

namespace tests {

std::vector<imap::Frame> frames_of(std::string_view octets, imap::FramerLimits limits, imap::Framer::Side side) {
  imap::Framer framer(side, std::move(limits));
  framer.give(octets);
  std::vector<imap::Frame> out;
  for (;;) {
    switch (framer.next()) {
      case imap::Framer::Next::Frame: out.push_back(framer.take_frame()); break;
      case imap::Framer::Next::SendContinue: break;
      case imap::Framer::Next::Refused: ADD_FAILURE() << "refused: " << octets.substr(0, 200); return out;
      case imap::Framer::Next::NeedMore: EXPECT_EQ(framer.buffered(), 0u) << octets.substr(0, 200); return out;
    }
  }
}

imap::Frame frame_of(std::string_view line) {
  auto frames = frames_of(std::string(line) + "\r\n");
  EXPECT_EQ(frames.size(), 1u) << line;
  return frames.empty() ? imap::Frame{} : std::move(frames.front());
}

std::string print_text(std::string_view tag, const imap::Command& command, imap::Printer::Literals literals) {
  return whole_text(literals, tag, command);
}

std::optional<imap::Command> parse_text(std::string_view text) {
  auto parsed = imap::parse_command(frame_of("a " + std::string(text)));
  if (const auto* malformed = std::get_if<imap::MalformedCommand>(&parsed)) {
    EXPECT_EQ(malformed->tag, "a") << text;
    return std::nullopt;
  }
  auto& tagged = std::get<imap::TaggedCommand>(parsed);
  EXPECT_EQ(tagged.tag, "a") << text;
  return std::move(tagged.command);
}

void expect_both_ways(std::string_view text, const imap::Command& value, std::string_view printed) {
  if (printed.empty()) printed = text;
  const auto parsed = parse_text(text);
  ASSERT_TRUE(parsed) << text;
  EXPECT_TRUE(*parsed == value) << text << "\nwas read as " << print_text("a", *parsed) << "and not as "
                                << print_text("a", value);
  EXPECT_EQ(print_text("a", value), "a " + std::string(printed) + "\r\n");
  const auto again = parse_text(printed);
  ASSERT_TRUE(again) << printed;
  EXPECT_TRUE(*again == value) << printed;
}

void expect_reprints(std::string_view text, std::string_view printed) {
  const auto parsed = parse_text(text);
  ASSERT_TRUE(parsed) << text;
  expect_both_ways(text, *parsed, printed);
}

void expect_malformed(std::initializer_list<std::string_view> texts) {
  for (const auto text : texts) {
    const auto parsed = imap::parse_command(frame_of("a " + std::string(text)));
    const auto* malformed = std::get_if<imap::MalformedCommand>(&parsed);
    EXPECT_TRUE(malformed) << text;
    if (!malformed) continue;
    EXPECT_EQ(malformed->tag, "a") << text;
    EXPECT_TRUE(malformed->text.starts_with("expected ")) << malformed->text;
  }
}

}  // namespace tests
