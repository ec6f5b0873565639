// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Structures with their offsets: what each section of a message is, told by the text that lies there.
#include "proto/mail/mime.h"

#include <gtest/gtest.h>

#include "proto/message_data_text.h"
#include "proto/printer.h"

namespace mail {
namespace {

using Text = imap::Section::Text;

std::string printed(std::string_view message) {
  std::string out;
  imap::Printer printer(out);
  imap::print_body(printer, to_body_structure(parse_message(message)), false);
  return out;
}

struct Section {
  std::vector<std::uint32_t> path;
  Text text;
  std::optional<std::string_view> octets;  // nullopt: no such part
};

struct Row {
  std::string_view name, message, body;
  std::vector<Section> sections;
};

#define TEXT_PART(size, lines) "(\"text\" \"plain\" (\"charset\" \"us-ascii\") NIL NIL \"7bit\" " #size " " #lines ")"
#define NO_ENVELOPE "(NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL)"

const Row kRows[] = {
    {"plain",
     "Subject: x\r\n\r\nbody\r\n",
     TEXT_PART(6, 1),
     {{{}, Text::All, "Subject: x\r\n\r\nbody\r\n"},
      {{}, Text::Text, "body\r\n"},
      {{1}, Text::All, "body\r\n"},
      {{1}, Text::Mime, "Subject: x\r\n\r\n"},
      {{1}, Text::Header, {}},
      {{2}, Text::All, {}},
      {{1, 1}, Text::All, {}}}},
    {"a header without an end",
     "Subject: x",
     TEXT_PART(0, 0),
     {{{1}, Text::All, ""}, {{}, Text::Header, "Subject: x"}}},
    {"no MIME, so its fields mean nothing",
     "Content-Transfer-Encoding: base64\r\nContent-ID: <x>\r\n\r\n",
     TEXT_PART(0, 0),
     {}},
    {"plain in any case",
     "Content-Type: TEXT/Plain; CHARSET=US-ASCII\r\nContent-Transfer-Encoding: 7BIT\r\n\r\n",
     TEXT_PART(0, 0),
     {}},
    {"a multipart",
     "Content-Type: multipart/mixed; boundary=b\r\n\r\npre\r\n--b\r\n\r\none\r\n--b\r\nX: "
     "y\r\n\r\ntwo\r\n\r\n--b--\r\nepilogue\r\n",
     "(" TEXT_PART(3, 0) TEXT_PART(5, 1) " \"mixed\")",
     {{{1}, Text::All, "one"},
      {{1}, Text::Mime, "\r\n"},
      {{2}, Text::All, "two\r\n"},
      {{2}, Text::Mime, "X: y\r\n\r\n"},
      {{3}, Text::All, {}},
      {{1, 1}, Text::All, "one"},
      {{1, 1, 1}, Text::All, {}},
      {{1}, Text::Text, {}}}},
    {"a boundary at once, and none at the end",
     "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\n\r\n--b\r\n",
     "(" TEXT_PART(0, 0) TEXT_PART(0, 0) " \"mixed\")",
     {{{1}, Text::Mime, "\r\n"}, {{2}, Text::Mime, ""}}},
    {"a header that a boundary cuts",
     "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nX: y\r\n--b\r\nX: z\r\n\r\n--b--",
     "(" TEXT_PART(0, 0) TEXT_PART(0, 0) " \"mixed\")",
     {{{1}, Text::Mime, "X: y"}, {{2}, Text::Mime, "X: z\r\n"}}},
    {"boundaries that begin alike",
     "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: multipart/alternative; "
     "boundary=bb\r\n\r\n--bb\r\n\r\n1\r\n--bb--\r\n--b\r\n\r\n2\r\n--b--\r\n",
     "((" TEXT_PART(1, 0) " \"alternative\")" TEXT_PART(1, 0) " \"mixed\")",
     {{{1}, Text::All, "--bb\r\n\r\n1\r\n--bb--\r\n"}, {{1, 1}, Text::All, "1"}, {{2}, Text::All, "2"}}},
    {"an outer boundary ends the inner",
     "Content-Type: multipart/mixed; boundary=a\r\n\r\n--a\r\nContent-Type: multipart/mixed; "
     "boundary=b\r\n\r\n--b\r\n\r\nx\r\n--a--\r\n",
     "((" TEXT_PART(1, 0) " \"mixed\") \"mixed\")",
     {{{1}, Text::All, "--b\r\n\r\nx"}}},
    {"a multipart without parts",
     "Content-Type: multipart/mixed; boundary=b\r\n\r\nx",
     "(" TEXT_PART(0, 0) " \"mixed\")",
     {{{1}, Text::All, {}}}},
    {"a multipart without a boundary",
     "Content-Type: multipart/mixed\r\n\r\n--b\r\n",
     "(" TEXT_PART(0, 0) " \"mixed\")",
     {}},
    {"a message in a message",
     "Content-Type: Message/RFC822\r\n\r\nSubject: in\r\n\r\nbody\r\n",
     "(\"message\" \"rfc822\" NIL NIL NIL \"7bit\" 21 (NIL \"in\" NIL NIL NIL NIL NIL NIL NIL NIL) " TEXT_PART(6,
                                                                                                               1) " 3)",
     {{{1}, Text::All, "Subject: in\r\n\r\nbody\r\n"},
      {{1}, Text::Header, "Subject: in\r\n\r\n"},
      {{1}, Text::Text, "body\r\n"},
      {{1, 1}, Text::All, "body\r\n"}}},
    {"a message that is not there",
     "Content-Type: multipart/digest; boundary=b\r\n\r\n--b\r\n\r\n--b--\r\n",
     "((\"message\" \"rfc822\" NIL NIL NIL \"7bit\" 0 " NO_ENVELOPE " " TEXT_PART(0, 0) " 0) \"digest\")",
     {{{1}, Text::Header, ""}, {{1}, Text::Mime, ""}}},
    {"types that cannot be read", "Content-Type: text plain\r\n\r\n", "(\"\" \"\" NIL NIL NIL \"7bit\" 0)", {}},
    {"half a type",
     "Content-Type: text\r\n\r\nx\r\n",
     "(\"text\" \"\" (\"charset\" \"us-ascii\") NIL NIL \"7bit\" 3 1)",
     {}},
    {"half a multipart is octets",
     "Content-Type: multipart\r\n\r\nx",
     "(\"application\" \"octet-stream\" NIL NIL NIL \"7bit\" 1)",
     {}},
    {"bare LF",
     "Content-Type: multipart/mixed; boundary=b\n\n--b\n\nx\n--b--\n",
     "(" TEXT_PART(1, 0) " \"mixed\")",
     {{{1}, Text::All, "x"}}},
};

TEST(Mime, structures_and_sections) {
  for (const auto& row : kRows) {
    EXPECT_EQ(printed(row.message), row.body) << row.name;
    const auto part = parse_message(row.message);
    for (const auto& section : row.sections) {
      const auto place = locate(part, {section.path, section.text, {}});
      ASSERT_EQ(place.has_value(), section.octets.has_value()) << row.name << section.path.size();
      if (place) EXPECT_EQ(row.message.substr(place->offset, place->size), *section.octets) << row.name;
    }
  }
}

TEST(Mime, pieces_of_any_size_and_records) {
  for (const auto& row : kRows) {
    const auto record = encode(parse_message(row.message));
    for (std::size_t size = 1; size < row.message.size(); ++size) {
      MimeParser parser;
      for (std::size_t at = 0; at < row.message.size(); at += size) parser.give(row.message.substr(at, size));
      EXPECT_EQ(encode(parser.finish()), record) << row.name << ' ' << size;
    }
    const auto again = decode_part(record);
    ASSERT_TRUE(again) << row.name;
    EXPECT_EQ(encode(*again), record) << row.name;
    for (std::size_t size = 0; size < record.size(); ++size) EXPECT_FALSE(decode_part(record.substr(0, size)));
    EXPECT_FALSE(decode_part(record + "x"));
    EXPECT_FALSE(decode_part("\1" + record.substr(1))) << "a record of an older parser";
  }
}

TEST(Mime, records_that_cannot_be) {
  auto part = parse_message("Content-Type: message/rfc822\r\n\r\nSubject: in\r\n\r\nbody\r\n");
  part.children.clear();
  EXPECT_FALSE(decode_part(encode(part))) << "a message without the message in it";
  std::string out;
  imap::Printer printer(out);
  imap::print_body(printer, to_body_structure(part), true);  // does not throw
  part = parse_message("x: y\r\n\r\nbody");
  part.body_at = 3;
  EXPECT_FALSE(decode_part(encode(part))) << "a body that does not follow its header";
  part = parse_message("x: y\r\n\r\nbody");
  part.children.emplace_back();
  EXPECT_FALSE(decode_part(encode(part))) << "a text with parts";
}

TEST(Mime, depth_and_number_are_bounded) {
  std::string deep, wide = "Content-Type: multipart/mixed; boundary=b\r\n\r\n";
  for (int i = 0; i < 300; ++i) {
    const auto name = "x" + std::to_string(i);
    deep += "Content-Type: multipart/mixed; boundary=" + name + "\r\n\r\n--" + name + "\r\n";
  }
  auto record = encode(parse_message(deep));
  EXPECT_TRUE(decode_part(record));
  EXPECT_TRUE(printed(deep).contains("\"octet-stream\""));
  for (int i = 0; i < 20'000; ++i) wide += "--b\r\n\r\n";
  EXPECT_EQ(parse_message(wide).children.size(), 9'999u);
  std::string nested = "Content-Type: message/rfc822\r\n\r\n";
  for (int i = 0; i < 9; ++i) nested += nested;
  EXPECT_TRUE(decode_part(encode(parse_message(nested))));
}

}  // namespace
}  // namespace mail
