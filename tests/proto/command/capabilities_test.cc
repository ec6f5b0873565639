// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "tests/support/command_text.h"

namespace {

using namespace imap;
using tests::expect_both_ways;
using tests::expect_malformed;

TEST(Enable, both_ways) {
  expect_both_ways("ENABLE CONDSTORE", EnableCommand{{"CONDSTORE"}});
  expect_both_ways("enable qresync UTF8=ACCEPT x-y", EnableCommand{{"QRESYNC", "UTF8=ACCEPT", "X-Y"}},
                   "ENABLE QRESYNC UTF8=ACCEPT X-Y");
  expect_both_ways("ENABLE QRESYNC ", EnableCommand{{"QRESYNC"}}, "ENABLE QRESYNC");
  expect_malformed({"ENABLE", "ENABLE ", "ENABLE (QRESYNC)", "ENABLE \"QRESYNC\""});
}

TEST(Compress, both_ways) {
  expect_both_ways("COMPRESS DEFLATE", CompressCommand{"DEFLATE"});
  expect_both_ways("compress deflate", CompressCommand{"DEFLATE"}, "COMPRESS DEFLATE");
  expect_malformed({"COMPRESS", "COMPRESS ", "COMPRESS DEFLATE 9", "COMPRESS \"DEFLATE\""});
}

TEST(Id, both_ways) {
  expect_both_ways("ID NIL", IdCommand{});
  expect_both_ways("ID nil", IdCommand{}, "ID NIL");
  expect_both_ways("ID ()", IdCommand{}, "ID NIL");
  expect_both_ways("ID (\"name\" \"mutt\" \"os\" NIL)", IdCommand{{{"name", "mutt"}, {"os", std::nullopt}}});
  expect_both_ways("ID (\"name\" \"\" \"a\" {2+}\r\n\xc3\xa4)", IdCommand{{{"name", ""}, {"a", "\xc3\xa4"}}});
  expect_malformed(
      {"ID", "ID ", "ID NILS", "ID \"name\"", "ID (\"name\")", "ID (\"name\" \"mutt\" \"os\")", "ID (NIL NIL"});
}

TEST(Id, thirty_fields_at_most) {
  std::string text = "ID (\"f\" NIL";
  for (int i = 1; i < 30; ++i) text += " \"f\" NIL";
  EXPECT_TRUE(tests::parse_text(text + ")"));
  expect_malformed({text + " \"f\" NIL)"});
}

}  // namespace
