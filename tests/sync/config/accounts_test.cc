// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Accounts: which belong together, and which cannot both be.
#include "sync/config/accounts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sync/config/config_reader.h"

namespace tests {
namespace {

using testing::ElementsAre;

TEST(Accounts, PrefixesThatOverlap) {
  using mirror::prefixes_overlap;
  for (const auto& [a, b] : {std::pair("", ""),
                             {"work/", "work/"},
                             {"work", "work/"},
                             {"work/", "work/sub/"},
                             {"", "INBOX/"},
                             {"INBOX.", "inbox/x/"}})
    EXPECT_TRUE(prefixes_overlap(a, b) && prefixes_overlap(b, a)) << a << " " << b;
  for (const auto& [a, b] : {std::pair("", "work/"), {"work/", "works/"}, {"a/", "b/"}, {"INBOX.", "work/"}})
    EXPECT_FALSE(prefixes_overlap(a, b) || prefixes_overlap(b, a)) << a << " " << b;
}

TEST(Accounts, NamedSections) {
  const std::string text =
      "interval = 7\n[local]\npath = /mail\n[remote a]\nhost = a.example\n[account b]\ndatabase = bee\n[remote b]\n"
      "host = b.example\n[local b]\nlist-reference = b/\npath = /other\n";
  EXPECT_THAT(mirror::account_names(text), ElementsAre("a", "b"));
  mirror::ConfigReader a("/f", "a"), b("/f", "b");
  a.read(text);
  b.read(text);
  ASSERT_TRUE(a.result() && b.result());
  EXPECT_EQ(a.known().local.path, "/mail");
  EXPECT_EQ(b.known().local.path, "/other");
  EXPECT_EQ(b.known().database, "bee");
  EXPECT_EQ(a.known().database, "a.example.db");
  EXPECT_EQ(a.known().interval, std::chrono::seconds(7));
  EXPECT_EQ(b.known().local.list_reference, "b/");
  for (const auto* more : {"[remote a]\n", "[remote]\n[remote]\n", "[remote]\n[local]\n[local]\n"}) {
    mirror::ConfigReader wrong("/f", mirror::account_names(text + more).front());
    wrong.read(text + more);
    EXPECT_FALSE(wrong.result()) << more;
  }
}

}  // namespace
}  // namespace tests
