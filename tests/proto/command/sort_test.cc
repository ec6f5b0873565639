// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// SORT and THREAD, and their answers.
#include <gtest/gtest.h>

#include "proto/parser.h"
#include "proto/response/sort.h"
#include "proto/response/thread.h"
#include "tests/support/command_text.h"

namespace {

using namespace imap;
using tests::expect_both_ways;
using tests::expect_malformed;
using tests::expect_reprints;

TEST(Sort, both_ways) {
  SortCommand command;
  command.program = {{SortKey::Subject, false}, {SortKey::Date, true}};
  command.charset = "UTF-8";
  expect_both_ways("SORT (SUBJECT REVERSE DATE) UTF-8 ALL", command);
  expect_both_ways("sort (subject reverse date) \"UTF-8\" all", command, "SORT (SUBJECT REVERSE DATE) UTF-8 ALL");
  command.by_uid = true;
  command.returns = SearchReturn{.min = true, .count = true};
  expect_both_ways("UID SORT RETURN (MIN COUNT) (SUBJECT REVERSE DATE) UTF-8 ALL", command);
  expect_reprints("SORT (ARRIVAL CC DATE FROM SIZE SUBJECT TO DISPLAYFROM DISPLAYTO) US-ASCII 1:5 UNSEEN");
  expect_reprints("SORT RETURN () (DATE) UTF-8 SUBJECT x", "SORT RETURN (ALL) (DATE) UTF-8 SUBJECT x");
  expect_reprints("SORT (DATE REVERSE DATE) UTF-8 ALL", "SORT (DATE) UTF-8 ALL");
  expect_malformed({"SORT", "SORT (DATE)", "SORT (DATE) UTF-8", "SORT () UTF-8 ALL", "SORT (REVERSE) UTF-8 ALL",
                    "SORT (DATE REVERSE) UTF-8 ALL", "SORT (REVERSE REVERSE DATE) UTF-8 ALL", "SORT (BODY) UTF-8 ALL",
                    "SORT DATE UTF-8 ALL", "SORT (DATE) \"\" ALL", "SORT RETURN (NONE) (DATE) UTF-8 ALL"});
}

TEST(Thread, both_ways) {
  ThreadCommand command;
  command.charset = "UTF-8";
  expect_both_ways("THREAD REFERENCES UTF-8 ALL", command);
  command.by_uid = true;
  command.algorithm = ThreadAlgorithm::OrderedSubject;
  expect_both_ways("uid thread orderedsubject utf-8 all",
                   {ThreadCommand{true, command.algorithm, "utf-8", command.key}},
                   "UID THREAD ORDEREDSUBJECT utf-8 ALL");
  expect_reprints("THREAD REFS US-ASCII SUBJECT x UNSEEN");
  expect_malformed({"THREAD", "THREAD REFERENCES", "THREAD REFERENCES UTF-8", "THREAD X UTF-8 ALL",
                    "THREAD (REFERENCES) UTF-8 ALL", "THREAD REFERENCES \"\" ALL"});
}

TEST(Within, both_ways) {
  expect_reprints("SEARCH OLDER 3600 YOUNGER 4294967295");
  expect_malformed(
      {"SEARCH OLDER", "SEARCH OLDER 0", "SEARCH YOUNGER x", "SEARCH YOUNGER -1", "SEARCH OLDER 4294967296"});
}

template <class Response>
Response parsed(std::string_view text) {
  Frame frame;
  frame.text = text;
  Parser parser(frame);
  return Response::parse(parser);
}

template <class Response>
std::string printed(const Response& response) {
  std::string out;
  Printer printer(out);
  response.print(printer);
  return out;
}

TEST(SortResponse, both_ways) {
  for (const auto* text : {"", " 3 1 2", " 3 1 (MODSEQ 17)"}) {
    const auto response = parsed<SortResponse>(text);
    EXPECT_EQ(printed(response), std::string("* SORT") + text + "\r\n");
  }
  EXPECT_EQ(parsed<SortResponse>(" 3 1 2").numbers, (std::vector<std::uint32_t>{3, 1, 2}));
}

TEST(ThreadResponse, both_ways) {
  for (const auto* text : {"", " (1)", " (1 2)", " (1)(2)", " (1 (2)(3))", " ((1)(2))", " (2)(3 6 (4 23)(44 7 96))",
                           " (3 1 2 (4 5)((6)(7)))"}) {
    const auto response = parsed<ThreadResponse>(text);
    EXPECT_EQ(printed(response), std::string("* THREAD") + text + "\r\n");
  }
  EXPECT_EQ(parsed<ThreadResponse>(" (1 (2)(3))").threads, (Threads{{1, 2}, {2, 0}, {3, 0}}));
  EXPECT_EQ(parsed<ThreadResponse>(" ((1)(2 3))").threads, (Threads{{0, 2}, {1, 0}, {2, 1}, {3, 0}}));
  for (const auto* text : {" (", " ()", " 1", " (1", " (1 (2) 3)", " (1))", " (0)", " (x)"})
    EXPECT_THROW(parsed<ThreadResponse>(text), SyntaxError) << text;
}

TEST(ThreadResponse, as_deep_as_it_is_long) {
  std::string text(" ");
  for (int i = 0; i < 100'000; ++i) text += "(1 (2)";
  text += "(3)";
  for (int i = 0; i < 100'000; ++i) text += ")";
  EXPECT_EQ(printed(parsed<ThreadResponse>(text)), "* THREAD" + text + "\r\n");
}

}  // namespace
