// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/support/response_text.h"

#include <gtest/gtest.h>

#include <stdexcept>

#include "proto/parser.h"
#include "tests/support/whole_text.h"

namespace tests {

imap::Response parse_response_text(std::string_view text) {
  imap::Framer framer(imap::Framer::Side::Client, {});
  framer.give(text);
  framer.give("\r\n");
  if (framer.next() != imap::Framer::Next::Frame) throw std::runtime_error("no frame: " + std::string(text));
  const auto frame = framer.take_frame();
  if (framer.buffered() > 0) throw std::runtime_error("more than one frame: " + std::string(text));
  return imap::parse_response(frame);
}

std::string print_response_text(const imap::Response& response) {
  const auto whole = whole_text(imap::Printer::Literals::Plain, response);
  EXPECT_TRUE(whole.ends_with("\r\n"));
  return whole.substr(0, whole.size() - 2);
}

void expect_response(std::string_view text, const imap::Response& value, std::string_view printed) {
  if (printed.empty()) printed = text;
  try {
    EXPECT_TRUE(parse_response_text(text) == value) << text << "\nwas read as\n"
                                                    << print_response_text(parse_response_text(text));
    EXPECT_EQ(print_response_text(value), printed);
    EXPECT_EQ(print_response_text(parse_response_text(printed)), printed);
  } catch (const std::exception& error) {
    ADD_FAILURE() << text << ": " << error.what();
  }
}

void expect_response_reprints(std::string_view text, std::string_view printed) {
  if (printed.empty()) printed = text;
  try {
    EXPECT_EQ(print_response_text(parse_response_text(text)), printed);
    EXPECT_EQ(print_response_text(parse_response_text(printed)), printed);
  } catch (const std::exception& error) {
    ADD_FAILURE() << text << ": " << error.what();
  }
}

void expect_no_response(std::initializer_list<std::string_view> texts) {
  for (const auto text : texts) EXPECT_THROW(parse_response_text(text), imap::SyntaxError) << text;
}

}  // namespace tests
