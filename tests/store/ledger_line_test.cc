// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// The bytes of the ledger's lines.
#include "store/ledger/ledger_line.h"

#include <gtest/gtest.h>

#include <string>

namespace tests {
namespace {

using store::LedgerEntry;
using What = LedgerEntry::What;

imap::FlagSet flags(std::initializer_list<const char*> names) {
  imap::FlagSet out;
  for (const auto* name : names) out.add_by_name(name);
  return out;
}

const LedgerEntry kEntry{What::Moved,          1'764'000'000,    "abcdefghijklmnop",      "a\tb\\c",
                         {{1, 1}, {3, 5}},     imap::ModSeq(77), "pass 20261126T165500Z", flags({"\\Seen", "$label"}),
                         flags({"\\Flagged"}), "<id@host>",      "ponmlkjihgfedcba",      {{10, 13}},
                         "two\nlines"};

TEST(LedgerLine, IsTheseBytes) {
  const std::string bytes =
      "1764000000\tm\tabcdefghijklmnop\ta\\tb\\\\c\t1,3:5\t77\tpass 20261126T165500Z\t\\Seen $label\t\\Flagged\t"
      "<id@host>\tponmlkjihgfedcba\t10:13\ttwo\\nlines\n";
  EXPECT_EQ(store::encode(kEntry), bytes);
  EXPECT_EQ(store::decode_ledger_line(bytes.substr(0, bytes.size() - 1)), kEntry);
}

TEST(LedgerLine, EachKindHasItsLetter) {
  const std::string letters = "alfgcmrd";
  for (std::size_t i = 0; i < letters.size(); ++i) {
    LedgerEntry entry;
    entry.what = static_cast<What>(i);
    entry.mailbox_id = "id";
    EXPECT_EQ(store::encode(entry), std::string("0\t") + letters[i] + "\tid\t\t\t0\t\t\t\t\t\t\t\n");
  }
}

TEST(LedgerLine, DamagedOnesAreNone) {
  const auto whole = store::encode(kEntry);
  for (std::size_t cut = 0; cut + 11 < whole.size(); ++cut)  // in the text no cut can be seen
    EXPECT_FALSE(store::decode_ledger_line(std::string_view(whole).substr(0, cut))) << cut;
  for (const auto* text :
       {"5\tx\tid\t\t\t0\t\t\t\t\t\t\t", "5\ta\t\t\t\t0\t\t\t\t\t\t\t", "5\ta\tid\t\t0\t0\t\t\t\t\t\t\t",
        "5\ta\tid\t\t3:1\t0\t\t\t\t\t\t\t", "5\ta\tid\t\t1,\t0\t\t\t\t\t\t\t", "5\tc\tid\t\t1:2\t0\t\t\t\t\tother\t7\t",
        "5\ta\tid\t\t\t0\t\t\t\t\t\t\t\tmore", "5\ta\tid\t\t\t0\t\t\\Nothing\t\t\t\t\t"})
    EXPECT_FALSE(store::decode_ledger_line(text)) << text;
}

}  // namespace
}  // namespace tests
