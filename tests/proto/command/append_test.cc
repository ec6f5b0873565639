// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "tests/support/command_text.h"

namespace {

using namespace imap;
using tests::expect_both_ways;
using tests::expect_malformed;

AppendCommand::Message message(std::string octets, FlagSet flags = {}, std::optional<DateTime> when = std::nullopt) {
  return {std::move(flags), when, Literal(std::move(octets))};
}

FlagSet flags(std::initializer_list<Flag> system, std::initializer_list<std::string_view> keywords) {
  FlagSet out(system);
  for (const auto keyword : keywords) out.add(keyword);
  return out;
}

TEST(Append, both_ways) {
  expect_both_ways("APPEND INBOX {5+}\r\nhello", AppendCommand{MailboxName("INBOX"), {message("hello")}});
  expect_both_ways("APPEND inbox {5+}\r\nhello", AppendCommand{MailboxName("INBOX"), {message("hello")}},
                   "APPEND INBOX {5+}\r\nhello");
  expect_both_ways("APPEND a (\\Seen $Forwarded) {0+}\r\n",
                   AppendCommand{MailboxName("a"), {message("", flags({Flag::Seen}, {"$Forwarded"}))}});
  const DateTime when{760168345, -480};
  expect_both_ways("APPEND a \"02-Feb-1994 21:52:25 -0800\" {3+}\r\na\r\n",
                   AppendCommand{MailboxName("a"), {message("a\r\n", {}, DateTime{760254745, -480})}});
  expect_both_ways("APPEND a (\\Draft) \" 1-Feb-1994 21:52:25 -0800\" {1+}\r\n}",
                   AppendCommand{MailboxName("a"), {message("}", flags({Flag::Draft}, {}), when)}},
                   "APPEND a (\\Draft) \"01-Feb-1994 21:52:25 -0800\" {1+}\r\n}");
  // node-imap leaves the blank out.
  expect_both_ways("APPEND a \"1-Feb-1994 21:52:25 -0800\" {1+}\r\n}",
                   AppendCommand{MailboxName("a"), {message("}", {}, when)}},
                   "APPEND a \"01-Feb-1994 21:52:25 -0800\" {1+}\r\n}");
}

TEST(Append, several_messages) {
  expect_both_ways(
      "APPEND \"a b\" {2+}\r\n{1 (\\Flagged) {3+}\r\n\r\n) {1+}\r\nx",
      AppendCommand{MailboxName("a b"), {message("{1"), message("\r\n)", flags({Flag::Flagged}, {})), message("x")}});
}

TEST(Append, any_octet_and_either_literal) {
  const std::string octets("\0\r\n\xff{9}\r\n", 9);
  expect_both_ways("APPEND a ~{9+}\r\n" + octets, AppendCommand{MailboxName("a"), {message(octets)}},
                   "APPEND a {9+}\r\n" + octets);
  expect_both_ways("APPEND a {2}\r\nab", AppendCommand{MailboxName("a"), {message("ab")}}, "APPEND a {2+}\r\nab");
  expect_both_ways("APPEND {1+}\r\na {2+}\r\nab ", AppendCommand{MailboxName("a"), {message("ab")}},
                   "APPEND a {2+}\r\nab");
}

TEST(Append, a_big_message_stays_in_its_file) {
  const std::string big(300 * 1024, 'x');
  const auto frame = tests::frame_of("a APPEND a {307200+}\r\n" + big + " {1+}\r\ny");
  ASSERT_EQ(frame.spooled.size(), 1u);
  const auto parsed = parse_command(frame);
  const auto& append = std::get<AppendCommand>(std::get<TaggedCommand>(parsed).command);
  ASSERT_EQ(append.messages.size(), 2u);
  EXPECT_EQ(append.messages[0].data.in_memory(), nullptr);
  EXPECT_EQ(append.messages[0].data.bytes(), big);
  EXPECT_EQ(append.messages[1].data.bytes(), "y");
  expect_both_ways("APPEND a {307200+}\r\n" + big + " {1+}\r\ny", append);
}

TEST(Append, malformed) {
  expect_malformed({"APPEND", "APPEND a", "APPEND a ", "APPEND a hello", "APPEND a \"hello\"", "APPEND a () ",
                    "APPEND a (\\Seen){1+}\r\nx", "APPEND a (\\*) {1+}\r\nx", "APPEND a (\\Unheard) {1+}\r\nx",
                    "APPEND a \"32-Feb-1994 21:52:25 -0800\" {1+}\r\nx",
                    "APPEND a \"-Feb-1994 21:52:25 -0800\" {1+}\r\nx", "APPEND a {1+}\r\nxy", "APPEND a {1+}\r\nx ()",
                    "APPEND & {1+}\r\nx", "APPEND a \"\" {1+}\r\nx", "APPEND a (\\Seen) (\\Seen) {1+}\r\nx"});
}

}  // namespace
