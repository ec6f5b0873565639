// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// compare: files that hold another text now, that grow, and second files of one name.
#include <gtest/gtest.h>

#include "store/mailbox/foreign/compare.h"

namespace {

using imap::Uid;
using store::Measured;
using store::Watch;
using What = store::Finding::What;

store::Row row_at(std::string_view name) {
  store::Row out;
  out.uid = Uid(7);
  out.name = name;
  return out;
}

TEST(CompareTexts, WhichEventsTellOfAnotherText) {
  using enum Watch::What;
  const auto told = [](const std::vector<store::FileEvent>& events, bool growing = false, bool renaming = false) {
    store::MessageTable table;
    std::vector<store::Row> rows{row_at("a:2,")};
    rows.front().growing = growing;
    table.index_base(rows.front());
    table.add(rows);
    if (renaming) table.begin_rename(Uid(7), "cur/a:2,F");
    const auto all = told_of_texts(table, events);
    const auto it = all.find(Uid(7));
    if (it == all.end()) return std::string();
    return std::string(it->second.written ? "written " : "") + (it->second.named ? "named " : "") +
           (it->second.left ? "left" : "");
  };
  EXPECT_EQ(told({{"cur/a:2,", Changed}}), "written ");
  EXPECT_EQ(told({{"cur/a:2,", Came}}), "named ");
  EXPECT_EQ(told({{"cur/a:2,S", Left}, {"cur/a:2,", Came}}), "named left");
  EXPECT_EQ(told({{"cur/a:2,S", Left}}), "");
  EXPECT_EQ(told({{"cur/a:2,S", Changed}}), "");
  EXPECT_EQ(told({{"cur/b:2,", Changed}}), "");
  EXPECT_EQ(told({{"cur/a:2,", Changed}}, true), "");
  EXPECT_EQ(told({{"cur/a:2,", Came}}, false, true), "");
}

TEST(CompareTexts, ATextThatIsAnotherOne) {
  constexpr std::int64_t kSecond = 1'000'000'000;
  auto row = row_at("a:2,");
  row.internal_date = 1000;
  row.size_mark = store::size_mark(50);
  const store::Told written{.written = true}, named{.named = true}, renamed{.named = true, .left = true};
  const Measured same{50, 1000 * kSecond + 5}, longer{51, 1000 * kSecond}, later{50, 1001 * kSecond};
  const auto compared = [&](const store::Told& told, const Measured& now, std::optional<Measured> came = {},
                            bool just_now = false) { return compare_text(row, told, {now, came, just_now}); };
  EXPECT_EQ(compared(written, same), What::Rewritten);
  EXPECT_EQ(compared(written, same, same), What::Known);  // told late of how it came
  EXPECT_EQ(compared(written, later, same), What::Rewritten);
  EXPECT_EQ(compared(named, same), What::Known);
  EXPECT_EQ(compared(named, longer), What::Rewritten);
  EXPECT_EQ(compared(named, later), What::Rewritten);
  EXPECT_EQ(compared(named, later, later), What::Known);
  EXPECT_EQ(compared(renamed, later), What::Known);
  row.size_mark = 0;  // ours, of a name that does not tell its size
  EXPECT_EQ(compared(named, longer), What::Known);
  EXPECT_EQ(compared(named, later), What::Known);
  EXPECT_EQ(compared(named, later, {}, true), What::Rewritten);
  row.internal_date = -1;
  EXPECT_EQ(compared(named, {50, -kSecond / 2}, {}, true), What::Known);
}

TEST(CompareTexts, AFileThatGrows) {
  const auto growing = row_at("a:2,");
  const Measured half{10, 1}, whole{20, 2};
  const auto compared = [&](const store::Row* row, bool complete, std::optional<Measured> read) {
    return compare_growing(row, complete, whole, read);
  };
  EXPECT_EQ(compared(nullptr, true, {}), What::Gone);
  EXPECT_EQ(compared(&growing, false, {}), What::Growing);
  EXPECT_EQ(compared(&growing, false, half), What::Growing);
  EXPECT_EQ(compared(&growing, true, {}), What::Complete);
  EXPECT_EQ(compared(&growing, true, whole), What::Complete);
  EXPECT_EQ(compared(&growing, true, half), What::Replaced);
  EXPECT_EQ(compared(&growing, true, Measured{}), What::Replaced);  // who has read what is not known any more
}

TEST(CompareTexts, ASecondFileOfOneName) {
  EXPECT_EQ(store::compare_twin({1, 5}, std::nullopt), What::Gone);
  EXPECT_EQ(store::compare_twin({1, 5}, store::FileId(1, 5)), What::Twin);  // a link: half of a rename
  EXPECT_EQ(store::compare_twin({1, 5}, store::FileId(1, 6)), What::Parted);
  EXPECT_EQ(store::compare_twin({1, 5}, store::FileId(2, 5)), What::Parted);
}

}  // namespace
