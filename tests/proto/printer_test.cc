// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "proto/printer.h"

#include <gtest/gtest.h>

#include "proto/parser.h"
#include "tests/support/command_text.h"

namespace {

using namespace imap;

template <class F>
std::string printed(const F& f, Printer::Literals literals = Printer::Literals::Plain) {
  std::string out;
  Printer printer(out, literals);
  f(printer);
  return out;
}

TEST(Printer, strings) {
  const auto astring = [](std::string_view text) { return printed([&](Printer& p) { p.astring(text); }); };
  EXPECT_EQ(astring("abc"), "abc");
  EXPECT_EQ(astring("a]b"), "a]b");
  EXPECT_EQ(astring(""), "\"\"");
  EXPECT_EQ(astring("NIL"), "\"NIL\"");
  EXPECT_EQ(astring("nil"), "\"nil\"");
  EXPECT_EQ(astring("a b"), "\"a b\"");
  EXPECT_EQ(astring("a*"), "\"a*\"");
  EXPECT_EQ(astring("a\\\"b"), "\"a\\\\\\\"b\"");
  EXPECT_EQ(astring("a\r\n"), "{3}\r\na\r\n");
  EXPECT_EQ(astring(std::string_view("\0", 1)), std::string("{1}\r\n\0", 6));
  EXPECT_EQ(astring("\xc3\xa4"), "{2}\r\n\xc3\xa4");
  EXPECT_EQ(printed([](Printer& p) { p.string("abc"); }), "\"abc\"");
  EXPECT_EQ(printed([](Printer& p) { p.nstring(std::nullopt); }), "NIL");
  EXPECT_EQ(printed([](Printer& p) { p.nstring("NIL"); }), "\"NIL\"");
}

// A server's strings are quoted as Dovecot's are, however long; a client's lines stay short.
TEST(Printer, long_strings_and_many_escapes) {
  const auto string = [](std::string_view text, Printer::Literals literals = Printer::Literals::Plain) {
    return printed([&](Printer& p) { p.string(text); }, literals);
  };
  const std::string text(20'000, 'a');
  EXPECT_EQ(string(text), '"' + text + '"');
  EXPECT_EQ(string(text, Printer::Literals::NonSync), "{20000+}\r\n" + text);
  EXPECT_EQ(string(R"("a"\\)"), R"("\"a\"\\\\")");
  EXPECT_EQ(string(R"("a"\\")"),
            "{6}\r\n"
            R"("a"\\")");
}

// Every string of every octet reads back as itself.
TEST(Printer, strings_read_back) {
  std::vector<std::string> all{"", "NIL", std::string(5000, 'a')};
  for (int a = 0; a < 256; ++a) {
    all.emplace_back(1, static_cast<char>(a));
    all.push_back(std::string("x") + static_cast<char>(a) + "y");
  }
  for (const auto& text : all) {
    for (const auto literals : {Printer::Literals::Plain, Printer::Literals::NonSync}) {
      const auto line = printed([&](Printer& p) { p.astring(text).sp().string(text).sp().nstring(text); }, literals);
      const auto frame = tests::frame_of(line == "{" ? "" : " " + line);  // a literal needs something before it
      Parser parser(frame);
      parser.sp();
      EXPECT_EQ(parser.astring(), text);
      parser.sp();
      EXPECT_EQ(parser.string(), text);
      parser.sp();
      EXPECT_EQ(parser.nstring(), text);
      parser.end();
    }
  }
}

TEST(Printer, literals_of_a_client) {
  const std::string big(5000, 'x');
  const auto print = [&](Printer::Literals literals) {
    std::string out;
    Printer printer(out, literals);
    printer.raw("a ").string("\r").sp().string(big);
    return std::pair{out, printer.breaks()};
  };
  const auto plain = print(Printer::Literals::Plain);
  EXPECT_EQ(plain.first, "a {1}\r\n\r \"" + big + '"');
  EXPECT_TRUE(plain.second.empty());
  const auto non_sync = print(Printer::Literals::NonSync);
  EXPECT_EQ(non_sync.first, "a {1+}\r\n\r {5000+}\r\n" + big);
  EXPECT_TRUE(non_sync.second.empty());
  const auto small = print(Printer::Literals::NonSyncSmall);
  EXPECT_EQ(small.first, "a {1+}\r\n\r {5000}\r\n" + big);
  EXPECT_EQ(small.second, std::vector<std::size_t>({18}));
  const auto sync = print(Printer::Literals::Sync);
  EXPECT_EQ(sync.first, "a {1}\r\n\r {5000}\r\n" + big);
  EXPECT_EQ(sync.second, std::vector<std::size_t>({7, 17}));
}

TEST(Printer, what_may_be_refused_waits) {
  for (const auto size : {Printer::kMayBeRefused, Printer::kMayBeRefused + 1})
    for (const auto literals : {Printer::Literals::Plain, Printer::Literals::NonSync}) {
      const bool waits = literals == Printer::Literals::NonSync && size > Printer::kMayBeRefused;
      std::string out;
      Printer printer(out, literals);
      printer.literal(std::string(size, 'x'));
      EXPECT_EQ(printer.breaks().size(), waits ? 1u : 0u);
      EXPECT_EQ(out.substr(0, out.find('\r')),
                "{" + std::to_string(size) + (waits || literals == Printer::Literals::Plain ? "}" : "+}"));
    }
}

TEST(Printer, a_literal_in_a_file_is_spliced_in) {
  const auto spool = spool_in_memory()();
  spool->write("23456");
  std::string out;
  Printer printer(out, Printer::Literals::Sync);
  printer.raw("a ").literal(Literal(spool->finish())).sp().literal(Literal(std::string("b")));
  EXPECT_EQ(out, "a {5}\r\n {1}\r\nb");
  ASSERT_EQ(printer.splices().size(), 1u);
  EXPECT_EQ(printer.splices()[0].at, 7u);
  EXPECT_EQ(printer.splices()[0].literal.bytes(), "23456");
  EXPECT_EQ(printer.breaks(), std::vector<std::size_t>({7, 13}));
}

TEST(Printer, values) {
  EXPECT_EQ(printed([](Printer& p) { p.number(0).sp().number(~std::uint64_t{0}); }), "0 18446744073709551615");
  FlagSet flags{Flag::Seen, Flag::Answered};
  flags.add("work");
  EXPECT_EQ(printed([&](Printer& p) { p.flag_list(flags); }), "(\\Answered \\Seen work)");
  EXPECT_EQ(printed([&](Printer& p) { p.flag_list({}, true); }), "(\\Recent)");
  EXPECT_EQ(printed([&](Printer& p) { p.flag_list({}); }), "()");
  EXPECT_EQ(printed([](Printer& p) { p.mailbox(MailboxName("\xc3\xa4 b")); }), "\"&AOQ- b\"");
  EXPECT_EQ(printed([](Printer& p) {
              p.set_utf8(true);
              p.mailbox(MailboxName("\xc3\xa4"));
            }),
            "{2}\r\n\xc3\xa4");
  EXPECT_EQ(printed([](Printer& p) { p.date_time({0, 90}); }), "\"01-Jan-1970 01:30:00 +0130\"");
  EXPECT_EQ(printed([](Printer& p) { p.sequence_set({{{1, 1}, {2, 0}, {0, 0}, {0, 5}}, false}); }), "1,2:*,*,*:5");
  EXPECT_EQ(printed([](Printer& p) { p.set(UidSet{{1, 3}, {5, 5}}); }), "1:3,5");
}

}  // namespace
