// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "proto/command.h"

#include <gtest/gtest.h>

#include <set>

#include "tests/support/command_text.h"

namespace {

using namespace imap;

MalformedCommand malformed(std::string_view line) {
  const auto parsed = parse_command(tests::frame_of(line));
  const auto* out = std::get_if<MalformedCommand>(&parsed);
  EXPECT_TRUE(out) << line;
  return out ? *out : MalformedCommand{};
}

template <std::size_t... I>
void each_command(const auto& f, std::index_sequence<I...>) {
  (f(Command(std::in_place_index<I>)), ...);
}

// The parse table is the variant: every name is known, once, in either case, and nothing else is.
TEST(Command, every_name_is_known) {
  std::set<std::string_view> names;
  each_command(
      [&](const Command& command) {
        const auto name = command_name(command);
        EXPECT_TRUE(names.insert(name).second) << name;
        EXPECT_NE(command_states(command), 0) << name;
        const auto parsed = parse_command(tests::frame_of("t " + std::string(name) + "  \x01"));
        const auto* bad = std::get_if<MalformedCommand>(&parsed);
        ASSERT_TRUE(bad) << name;
        EXPECT_EQ(bad->name, name);
        EXPECT_EQ(bad->text.find("known command"), std::string::npos) << name;
      },
      std::make_index_sequence<std::variant_size_v<Command>>());
  EXPECT_EQ(names.size(), std::variant_size_v<Command>);
}

TEST(Command, states) {
  EXPECT_EQ(command_states(LoginCommand{}), kNotAuthenticated);
  EXPECT_EQ(command_states(NoopCommand{}), kAnyState);
  EXPECT_EQ(command_states(ListCommand{}), kAuthenticated);
  EXPECT_EQ(command_states(FetchCommand{}), kSelected);
}

TEST(Command, tags) {
  for (const std::string_view tag : {"a", "A0001", "1", "a.b-c]", "a_b", "\x7e", "!#$&',./:;<=>?@[^`|}"}) {
    const auto parsed = parse_command(tests::frame_of(std::string(tag) + " NOOP"));
    const auto* tagged = std::get_if<TaggedCommand>(&parsed);
    ASSERT_TRUE(tagged) << tag;
    EXPECT_EQ(tagged->tag, tag);
  }
  for (const std::string_view line :
       {"", " ", " NOOP", "+ NOOP", "* NOOP", "\"a\" NOOP", "a\\ NOOP", "\xc3\xa4 NOOP", "%"})
    EXPECT_EQ(malformed(line).tag, "*") << line;
}

TEST(Command, malformed_with_as_much_as_could_be_read) {
  const auto expect = [](std::string_view line, std::string_view tag, std::string_view name) {
    const auto found = malformed(line);
    EXPECT_EQ(found.tag, tag) << line;
    EXPECT_EQ(found.name, name) << line;
  };
  expect("a", "a", "");
  expect("a ", "a", "");
  expect("a  NOOP", "a", "");
  expect("a\tNOOP", "*", "");
  expect("a nonsense", "a", "NONSENSE");
  expect("a XLIST \"\" *", "a", "XLIST");
  expect("a fetch", "a", "FETCH");
  expect("a uid", "a", "UID");
  expect("a uid noop", "a", "UID NOOP");
  expect("a UID UID FETCH 1 FLAGS", "a", "UID UID");
  expect("a UID fetch 1", "a", "UID FETCH");
  expect("DONE", "DONE", "");
  expect(std::string_view("a NOOP\0", 7), "a", "NOOP");
  expect(std::string_view("a\0 NOOP", 7), "*", "");
  expect(std::string_view("a LOGIN joe \"a\0b\"", 17), "a", "LOGIN");
}

TEST(Command, the_text_says_where) {
  EXPECT_EQ(malformed("a FETCH 1:x FLAGS").text, "expected a number at octet 10");
  EXPECT_EQ(malformed("a SELECT").text, "expected a space at octet 8");
  EXPECT_EQ(malformed("a NOOP x").text, "expected the end of the line at octet 7");
}

// A space at a line's end means nothing, whatever might have followed.
TEST(Command, a_space_at_the_end) {
  for (const std::string_view line :
       {"a NOOP ", "a SELECT x ", "a EXAMINE x ", "a CREATE x ", "a FETCH 1 FLAGS ", "a UID FETCH 1 (UID) ",
        "a SEARCH ALL ", "a STORE 1 FLAGS () ", "a LIST \"\" * ", "a STATUS x (MESSAGES) ", "a COPY 1 x ",
        "a ENABLE QRESYNC ", "a AUTHENTICATE PLAIN ", "a APPEND x {1+}\r\nx "})
    EXPECT_TRUE(std::holds_alternative<TaggedCommand>(parse_command(tests::frame_of(line)))) << line;
}

// A name that is none is told from a line that is none; control characters are in no name.
TEST(Command, names_that_are_none) {
  for (const std::string_view line : {"a SELECT &", "a CREATE &AAo-", "a CREATE a&AAA-b", "a CREATE &AH8-",
                                      "a STATUS &Jj- (MESSAGES)", "a DELETE {3+}\r\na\nb", "a RENAME x \"a\tb\""})
    EXPECT_TRUE(malformed(line).invalid_name) << line;
  for (const std::string_view line : {"a SELECT", "a SELECT (", "a SELECT a b", "a STATUS x (NONSENSE)"})
    EXPECT_FALSE(malformed(line).invalid_name) << line;
}

// A string in a big literal is not read into memory without limit.
TEST(Command, names_are_short) {
  const std::string big(2 * 1024 * 1024, 'x');
  EXPECT_EQ(malformed("a SELECT {2097152+}\r\n" + big).name, "SELECT");
  std::string line = "a SEARCH";
  for (int i = 0; i < 8; ++i) line += " TEXT {307200+}\r\n" + big.substr(0, 307200);
  EXPECT_EQ(malformed(line).name, "SEARCH");
}

// Blanks where a client has too many, or leaves one out, as Dovecot 2.3 takes them.
TEST(Command, blanks_that_other_servers_take) {
  const std::pair<const char*, const char*> rows[] = {
      {"SEARCH  ALL", "SEARCH ALL"},
      {"SEARCH ALL  SEEN ", "SEARCH ALL SEEN"},
      {"SEARCH ( ALL  SEEN )", "SEARCH (ALL SEEN)"},
      {"SEARCH OR  (ALL)(SEEN)", "SEARCH OR ALL SEEN"},
      {"SEARCH (ALL SEEN)(DELETED)", "SEARCH (ALL SEEN) DELETED"},
      {"SEARCH ((ALL SEEN)( DRAFT ) )", "SEARCH ((ALL SEEN) DRAFT)"},
      {"SEARCH NOT  FROM   x  ", "SEARCH NOT FROM x"},
      {"SEARCH RETURN  ( MIN  MAX )  CHARSET  utf-8  ALL", "SEARCH RETURN (MIN MAX) CHARSET utf-8 ALL"},
      {"UID SEARCH  ALL", "UID SEARCH ALL"},
      {"FETCH  1  ( FLAGS  UID )  ( CHANGEDSINCE  1 ) ", "FETCH 1 (FLAGS UID) (CHANGEDSINCE 1)"},
      {"FETCH 1 BODY[HEADER.FIELDS  ( From  To )]", "FETCH 1 BODY[HEADER.FIELDS (From To)]"},
      {"STORE  1  ( UNCHANGEDSINCE  5 )  +FLAGS  ( \\Seen  a ) ", "STORE 1 (UNCHANGEDSINCE 5) +FLAGS (\\Seen a)"},
      {"STORE 1 +FLAGS \\Seen  \\Flagged", "STORE 1 +FLAGS (\\Seen \\Flagged)"},
      {"SELECT  x  ( CONDSTORE ) ", "SELECT x (CONDSTORE)"},
      {"SELECT x (QRESYNC ( 1  2  1:3  ( 1  1 ) ) )", "SELECT x (QRESYNC (1 2 1:3 (1 1)))"},
      {"LIST  ( SUBSCRIBED )  \"\"  ( a  b )  RETURN  ( CHILDREN  SUBSCRIBED ) ",
       "LIST (SUBSCRIBED) \"\" (a b) RETURN (CHILDREN SUBSCRIBED)"},
      {"STATUS  x  ( MESSAGES  UIDNEXT ) ", "STATUS x (MESSAGES UIDNEXT)"},
      {"UID COPY  1  x ", "UID COPY 1 x"},
      {"RENAME  x  y ", "RENAME x y"},
      {"CREATE  x  ( USE  ( \\Sent ) ) ", "CREATE x (USE (\\Sent))"},
      {"ENABLE  CONDSTORE  QRESYNC ", "ENABLE CONDSTORE QRESYNC"},
      {"ID  ( \"a\"  \"b\" )", "ID (\"a\" \"b\")"},
      {"NOOP  ", "NOOP"},
  };
  for (const auto& [loose, strict] : rows) {
    const auto one = parse_command(tests::frame_of("t " + std::string(loose)));
    const auto other = parse_command(tests::frame_of("t " + std::string(strict)));
    ASSERT_TRUE(std::holds_alternative<TaggedCommand>(one)) << loose << ": " << std::get<MalformedCommand>(one).text;
    ASSERT_TRUE(std::holds_alternative<TaggedCommand>(other)) << strict;
    EXPECT_EQ(std::get<TaggedCommand>(one).command, std::get<TaggedCommand>(other).command) << loose;
  }
  for (const char* text : {"SEARCH", "SEARCH ", "SEARCH ()", "SEARCH ALL\tSEEN", "SEARCH OR ALL ", "SEARCH (ALL",
                           "FETCH 1 ", "FETCH 1 (FLAGS", "STORE 1 +FLAGS", "LIST \"\" * RETURNS"})
    EXPECT_TRUE(std::holds_alternative<MalformedCommand>(parse_command(tests::frame_of("t " + std::string(text)))))
        << text;
}

}  // namespace
