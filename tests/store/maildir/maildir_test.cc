// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "store/maildir/maildir.h"
#include "store/maildir/message_writer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "tests/support/temp_maildir.h"

namespace store {
namespace {

struct NameRow {
  std::string_view name, base;
  std::optional<std::uint64_t> file_size, wire_size;
  std::uint32_t uid;  // 0: none
  std::uint8_t flags;
  std::uint32_t letters;
  std::string_view unknown;
};

constexpr std::uint8_t kSeen = 8, kFlagged = 2, kAll = 31;
constexpr auto kNone = std::nullopt;

const NameRow kNames[] = {
    {"1.M2P3Q4.host,S=10,W=12,U=7:2,FS", "1.M2P3Q4.host,S=10,W=12,U=7", 10, 12, 7, kFlagged | kSeen, 0, ""},
    {"1.x.host", "1.x.host", kNone, kNone, 0, 0, 0, ""},
    {"1.x.host:2,", "1.x.host", kNone, kNone, 0, 0, 0, ""},
    {"1.x.host,U=5:2,Sab", "1.x.host,U=5", kNone, kNone, 5, kSeen, 3, ""},  // mbsync's
    {"1.x.host,S=10:2,DFRSTz", "1.x.host,S=10", 10, kNone, 0, kAll, 1u << 25, ""},
    {"1.x.host:2,PS", "1.x.host", kNone, kNone, 0, kSeen, 0, "PS"},  // passed: nobody's flag in IMAP, kept
    {"1.x.host:1,S", "1.x.host:1,S", kNone, kNone, 0, 0, 0, ""},
    {"1.x.host,S=,W=a,U=0:2,S", "1.x.host,S=,W=a,U=0", kNone, kNone, 0, kSeen, 0, ""},
    {"1.x.host,U=4294967295", "1.x.host,U=4294967295", kNone, kNone, 0, 0, 0, ""},
    {"1.x.host,U=99999999999999999999,S=18446744073709551616", "1.x.host,U=99999999999999999999,S=18446744073709551616",
     kNone, kNone, 0, 0, 0, ""},
    {"1.x.hostS=4,W=-1", "1.x.hostS=4,W=-1", kNone, kNone, 0, 0, 0, ""},
    {"", "", kNone, kNone, 0, 0, 0, ""},
    {":2,", "", kNone, kNone, 0, 0, 0, ""},
};

TEST(MaildirName, Parse) {
  for (const auto& row : kNames) {
    const auto name = parse_maildir_name(row.name);
    EXPECT_EQ(name.base, row.base) << row.name;
    EXPECT_EQ(name.file_size, row.file_size) << row.name;
    EXPECT_EQ(name.wire_size, row.wire_size) << row.name;
    EXPECT_EQ(name.uid.value_or(imap::Uid(0)).value, row.uid) << row.name;
    EXPECT_EQ(name.system_flags, row.flags) << row.name;
    EXPECT_EQ(name.keyword_letters, row.letters) << row.name;
    EXPECT_EQ(name.unknown_letters, row.unknown) << row.name;
  }
}

TEST(MaildirName, LettersAreInAsciiOrder) {
  EXPECT_EQ(format_info(0, 0, {}), ":2,");
  EXPECT_EQ(format_info(kAll, 1 | 1u << 25, {}), ":2,DFRSTaz");
  EXPECT_EQ(format_info(kSeen, 4, "PTS"), ":2,PSc");  // what nobody knows stays, what is known is as told
}

TEST(MaildirName, MadeNamesParseBack) {
  const auto base = make_base(10, 12, imap::Uid(3));
  const auto name = parse_maildir_name(base);
  EXPECT_EQ(name.base, base);
  EXPECT_EQ(name.file_size, 10u);
  EXPECT_EQ(name.wire_size, 12u);
  EXPECT_EQ(name.uid, imap::Uid(3));
  EXPECT_NE(make_base(10, 12, imap::Uid(3)), base);
  EXPECT_EQ(base.find('/'), std::string::npos);
  EXPECT_EQ(parse_maildir_name(strip_base(base)).uid, std::nullopt);
}

TEST(MaildirName, AnyOctetsCanBeParsed) {
  std::mt19937 random(1);
  constexpr std::string_view kPieces[] = {":2,", ",S=", ",W=", ",U=", "1",    "9999999999",
                                          "S",   "a",   ":",   ",",   "\xff", "."};
  for (int round = 0; round < 20000; ++round) {
    std::string name;
    for (auto n = random() % 8; n > 0; --n) name += kPieces[random() % std::size(kPieces)];
    const auto parsed = parse_maildir_name(name);
    EXPECT_TRUE(name.starts_with(parsed.base));
    const auto again = parse_maildir_name(
        std::string(parsed.base) + format_info(parsed.system_flags, parsed.keyword_letters, parsed.unknown_letters));
    if (parsed.base.find(":2,") != std::string_view::npos) continue;
    EXPECT_EQ(again.system_flags, parsed.system_flags) << name;
    EXPECT_EQ(again.keyword_letters, parsed.keyword_letters) << name;
  }
}

struct LineEndRow {
  std::string_view wire, file;
};
const LineEndRow kLineEnds[] = {
    {"", ""},
    {"a", "a"},
    {"a\r\n", "a\n"},
    {"a\r\n\r\nb\r\n", "a\n\nb\n"},
    {"a\r\nb", "a\nb"},
    {"a\n", "a\n"},            // a bare LF: raw
    {"a\r\nb\n", "a\r\nb\n"},  // mixed: raw
    {"a\rb\r\n", "a\rb\r\n"},  // a bare CR: raw
    {"a\r\n\r", "a\r\n\r"},    // ... at the end
    {"a\r\r\n", "a\r\r\n"},    // ... before a line end
    {"\r\n", "\n"},
    {"\n\r", "\n\r"},
    {std::string_view("\0\r\n\xff", 4), std::string_view("\0\n\xff", 3)},
};

// What a file of ours reads as: raw where the sizes are equal.
std::string wire_of(std::string_view file, const WrittenFile& written) {
  if (written.file_size == written.wire_size) return std::string(file);
  std::string out;
  bool after_cr = false;
  append_wire(out, file, after_cr);
  return out;
}

TEST(MaildirFile, LineEnds) {
  const tests::TempDirectory directory;
  int n = 0;
  for (const auto& row : kLineEnds) {
    const auto path = directory.path() / std::to_string(++n);
    const auto written = write_message(path, imap::Literal(std::string(row.wire)));
    EXPECT_EQ(tests::read_file(path), row.file);
    EXPECT_EQ(written.file_size, row.file.size());
    EXPECT_EQ(written.wire_size, row.wire.size());
    EXPECT_EQ(wire_of(row.file, written), row.wire);
  }
}

// A literal in a file comes in pieces: a line end may lie across two of them.
TEST(MaildirFile, LineEndAcrossPieces) {
  const tests::TempDirectory directory;
  constexpr std::size_t kPiece = 256 * 1024;
  for (const std::size_t at : {kPiece - 2, kPiece - 1, kPiece, kPiece + 1}) {
    for (const std::string end : {"\r\n", "\n", "\r"}) {
      auto text = std::string(at, 'x') + end + std::string(10, 'y') + "\r\n";
      const auto path = directory.path() / "message";
      const auto spool = imap::spool_in_files_without_name(directory.path())();
      spool->write(text);
      std::filesystem::remove(path);
      const auto written = write_message(path, imap::Literal(spool->finish()));
      EXPECT_EQ(written.wire_size, text.size());
      EXPECT_EQ(written.file_size, end == "\r\n" ? text.size() - 2 : text.size());
      EXPECT_EQ(wire_of(tests::read_file(path), written), text);
    }
  }
}

// However the octets come, the file is the one that is written of the whole.
TEST(MessageWriter, WritesInPiecesWhatIsWrittenOfTheWhole) {
  const tests::TempDirectory directory;
  std::mt19937 random(3);
  for (int round = 0; round < 400; ++round) {
    std::string text;
    for (auto n = random() % 30; n > 0; --n) text += random() % 12 == 0 ? "\n" : random() % 12 == 0 ? "\r" : "ab\r\n";
    const auto whole = directory.path() / "whole", piecewise = directory.path() / "pieces";
    const auto expected = write_message(whole, imap::Literal(text));
    MessageWriter writer(piecewise);
    for (std::size_t at = 0; at < text.size();) {
      const auto n = 1 + random() % 9;
      writer.write(std::string_view(text).substr(at, n));
      at += n;
    }
    const auto written = writer.finish();
    EXPECT_EQ(tests::read_file(piecewise), tests::read_file(whole)) << testing::PrintToString(text);
    EXPECT_EQ(written.file_size, expected.file_size);
    EXPECT_EQ(written.wire_size, expected.wire_size);
    std::filesystem::remove(whole);
    std::filesystem::remove(piecewise);
  }
}

TEST(MessageWriter, WhatIsNotFinishedLeavesNothing) {
  const tests::TempDirectory directory;
  MessageWriter(directory.path() / "a").write("half a mess");
  EXPECT_FALSE(std::filesystem::exists(directory.path() / "a"));
}

TEST(MaildirFile, ForeignMixedLineEndsGetTheirCr) {
  const tests::TempDirectory directory;
  std::mt19937 random(2);
  for (int round = 0; round < 300; ++round) {
    std::string file, expected;
    for (auto n = random() % 40; n > 0; --n) file += "a\r\n\0"[random() % 4];
    for (std::size_t i = 0; i < file.size(); ++i) {
      if (file[i] == '\n' && (i == 0 || file[i - 1] != '\r')) expected += '\r';
      expected += file[i];
    }
    std::string out;
    bool after_cr = false;
    for (std::size_t at = 0; at < file.size();) {
      const auto size = std::min<std::size_t>(1 + random() % 5, file.size() - at);
      append_wire(out, std::string_view(file).substr(at, size), after_cr);
      at += size;
    }
    EXPECT_EQ(out, expected);
    tests::write_file(directory.path() / "file", file);
    EXPECT_EQ(count_wire_size(base::open_read(directory.path() / "file").get(), file.size()), expected.size());
  }
  const auto large = std::string(256 * 1024 - 1, 'x') + "\r\n" + std::string(256 * 1024 - 2, 'y') + "\n\n";
  tests::write_file(directory.path() / "file", large);
  EXPECT_EQ(count_wire_size(base::open_read(directory.path() / "file").get(), large.size() + 9), large.size() + 2);
  EXPECT_EQ(count_wire_size(base::open_read(directory.path() / "file").get(), large.size() - 1), large.size());
}

TEST(MaildirFile, NamesOfADirectory) {
  const tests::TempDirectory directory;
  for (const char* name : {"b", ".hidden", "a"}) tests::write_file(directory.path() / name, "");
  std::vector<std::string> names;
  EXPECT_TRUE(for_each_name(directory.path(), [&](std::string_view name) { names.emplace_back(name); }));
  std::ranges::sort(names);
  EXPECT_EQ(names, (std::vector<std::string>{"a", "b"}));
  EXPECT_FALSE(for_each_name(directory.path() / "missing", [](std::string_view) {}));
}

}  // namespace
}  // namespace store
