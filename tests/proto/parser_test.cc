// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "proto/parser.h"

#include <gtest/gtest.h>

#include <functional>

#include "tests/support/command_text.h"

namespace {

using namespace imap;

// What f makes of this text, all of which it must take; nullopt: SyntaxError.
template <class F>
auto read(std::string_view text, F f, bool lenient = false) {
  Frame frame;
  frame.text = text;
  Parser parser(frame);
  parser.lenient = lenient;
  using Value = std::decay_t<std::invoke_result_t<F, Parser&>>;
  try {
    Value value = f(parser);
    if (!parser.at_end()) parser.fail("the end");
    return std::optional<Value>(std::move(value));
  } catch (const SyntaxError&) {
    return std::optional<Value>();
  }
}

TEST(Parser, numbers) {
  const auto number = [](std::string_view text) { return read(text, [](Parser& p) { return p.number(); }); };
  EXPECT_EQ(number("0"), 0u);
  EXPECT_EQ(number("007"), 7u);
  EXPECT_EQ(number("4294967295"), 4294967295u);
  for (const auto text : {"", "x", "-1", "+1", " 1", "1 ", "1x", "4294967296", "99999999999999999999"})
    EXPECT_FALSE(number(text)) << text;
  EXPECT_FALSE(read("0", [](Parser& p) { return p.nz_number(); }));
  const auto number64 = [](std::string_view text) { return read(text, [](Parser& p) { return p.number64(); }); };
  EXPECT_EQ(number64("9223372036854775807"), 9223372036854775807u);
  EXPECT_FALSE(number64("9223372036854775808"));
  EXPECT_FALSE(number64("18446744073709551616"));
  EXPECT_FALSE(read("0", [](Parser& p) { return p.mod_sequence(); }));
  EXPECT_EQ(read("0", [](Parser& p) { return p.mod_sequence_or_zero(); }), ModSeq(0));
}

TEST(Parser, character_classes) {
  for (int i = 0; i < 256; ++i) {
    const char c = static_cast<char>(i);
    const std::string text(1, c);
    const bool control = i <= 0x20 || i == 0x7F;
    const bool special = text.find_first_of("(){%*\"\\]") == 0;
    EXPECT_EQ(is_atom_char(c), !control && !special && i < 0x80) << i;
    EXPECT_EQ(is_astring_char(c), (!control && !special && i < 0x80) || c == ']') << i;
    EXPECT_EQ(is_tag_char(c), is_astring_char(c) && c != '+') << i;
    EXPECT_EQ(read(text, [](Parser& p) { return p.atom(); }).has_value(), is_atom_char(c)) << i;
    EXPECT_EQ(read(text, [](Parser& p) { return p.list_mailbox(); }).has_value(),
              is_astring_char(c) || c == '*' || c == '%' || i >= 0x80)
        << i;
  }
}

TEST(Parser, strings) {
  const auto astring = [](std::string_view text) { return read(text, [](Parser& p) { return p.astring(); }); };
  EXPECT_EQ(astring("abc"), "abc");
  EXPECT_EQ(astring("NIL"), "NIL");
  EXPECT_EQ(astring("\"\""), "");
  EXPECT_EQ(astring("\"a\\\\b\\\"c\""), "a\\b\"c");
  EXPECT_EQ(astring("{3}\r\na\"\n"), "a\"\n");
  EXPECT_EQ(astring("{0+}\r\n"), "");
  EXPECT_EQ(astring("{1-}\nx"), "x");
  EXPECT_EQ(astring("\"{3}\""), "{3}");
  for (const auto text :
       {"", "\"", "\"a", "\"a\\\"", "\"a\\", "\"a\\x\"", "\"a\rb\"", "\"a\nb\"", "a\"b\"", "{3}\r\nab", "{3}abc",
        "{}\r\n", "{x}\r\n", "{-1}\r\n", "{99999999999999999999}\r\n", "(a)", "a b"})
    EXPECT_FALSE(astring(text)) << text;
  EXPECT_FALSE(astring(std::string_view("\"a\0\"", 4)));
  const auto nstring = [](std::string_view text) { return read(text, [](Parser& p) { return p.nstring(); }); };
  EXPECT_EQ(nstring("nil"), std::optional<NString>(std::in_place));
  EXPECT_EQ(nstring("\"NIL\""), NString("NIL"));
  EXPECT_FALSE(nstring("NILS"));
  EXPECT_FALSE(nstring("NI"));
  EXPECT_FALSE(nstring("abc"));
}

TEST(Parser, leniency_towards_servers) {
  const auto nstring = [](std::string_view text) { return read(text, [](Parser& p) { return p.nstring(); }, true); };
  EXPECT_EQ(nstring("NILS"), NString("NILS"));
  EXPECT_EQ(nstring("123"), NString("123"));
  EXPECT_EQ(nstring("\"a\\b\""), NString("a\\b"));
  const auto flags = [](std::string_view text) { return read(text, [](Parser& p) { return p.flag_list(); }, true); };
  EXPECT_EQ(flags("(\\Seen  \\* \\Unheard )"), FlagSet{Flag::Seen});
  EXPECT_TRUE(flags("(a[b]c \\Recent)")->has("a[b]c"));
}

TEST(Parser, dates) {
  const auto date = [](std::string_view text) { return read(text, [](Parser& p) { return p.date(); }); };
  EXPECT_EQ(date("1-Feb-1994"), (Date{1994, 2, 1}));
  EXPECT_EQ(date("\"01-FEB-1994\""), (Date{1994, 2, 1}));
  EXPECT_EQ(date("29-Feb-1900"), (Date{0, 1, 1}));
  EXPECT_EQ(date("31-Apr-2001"), (Date{9999, 12, 31}));
  for (const auto text : {"1-Feb-94", "100-Feb-1994", "1-Foo-1994", "Feb-1-1994", "\"1-Feb-1994", "1-Feb-1994-"})
    EXPECT_FALSE(date(text)) << text;
  const auto date_time = [](std::string_view text) { return read(text, [](Parser& p) { return p.date_time(); }); };
  EXPECT_EQ(date_time("\" 1-Jan-1970 01:00:00 +0100\""), (DateTime{0, 60}));
  EXPECT_FALSE(date_time("1-Jan-1970"));
  EXPECT_EQ(date_time("\"1-Jan-1970 01:00:00 +0100\""), (DateTime{0, 60}));
}

TEST(Parser, sets) {
  const auto set = [](std::string_view text) { return read(text, [](Parser& p) { return p.uid_set(); }); };
  EXPECT_EQ(set("5,1:3,4"), (UidSet{{1, 5}}));
  EXPECT_EQ(set("9:7"), (UidSet{{7, 9}}));
  EXPECT_EQ(set("4294967295"), UidSet::of(Uid(4294967295)));
  for (const auto text : {"", "0", "*", "1:*", "$", "1,", "1:", "1,,2", "1:2:3", "1 2"})
    EXPECT_FALSE(set(text)) << text;
  const auto written = [](std::string_view text) { return read(text, [](Parser& p) { return p.sequence_set(); }); };
  EXPECT_EQ(written("*:5,1"), (SequenceSet{{{0, 5}, {1, 1}}, false}));
  EXPECT_EQ(written("*:5,1")->resolve(Uid(3)), (UidSet{{1, 1}, {3, 5}}));
  EXPECT_TRUE(written("$")->saved);
}

TEST(Parser, a_value_of_any_kind_is_skipped) {
  for (const std::string text :
       {"a", "NIL", "12", "\"a)\"", "()", "(a (b \"(\" {2}\r\n)( c) d)", "~{1}\r\n)", "BODY[a](b)"})
    EXPECT_EQ(read(text + ")",
                   [](Parser& p) {
                     p.skip_value();
                     p.expect(')');
                     return true;
                   }),
              true)
        << text;
  const std::string deep(100000, '(');
  EXPECT_FALSE(read(deep, [](Parser& p) { return p.skip_value(), true; }));
}

TEST(Parser, spooled_literals_are_found_in_their_order) {
  FramerLimits limits;
  limits.inline_literal = 2;
  const auto good = tests::frames_of(" {1+}\r\nx {3+}\r\nabc {2+}\r\nyz {4+}\r\ndefg\r\n", limits);
  ASSERT_EQ(good.size(), 1u);
  ASSERT_EQ(good[0].spooled.size(), 2u);
  Parser parser(good[0]);
  for (const auto expected : {"x", "abc", "yz", "defg"}) {
    parser.sp();
    EXPECT_EQ(parser.string(), expected);
  }
  EXPECT_TRUE(parser.at_end());
}

TEST(Parser, says_what_was_expected_and_never_what_came) {
  Frame frame;
  frame.text = "hunter2";
  Parser parser(frame);
  try {
    parser.skip(3);
    parser.number();
    FAIL();
  } catch (const SyntaxError& error) {
    EXPECT_STREQ(error.what(), "expected a number at octet 3");
    EXPECT_EQ(error.offset(), 3u);
  }
}

}  // namespace
