// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "proto/mail/charset.h"

#include <gtest/gtest.h>

namespace store {
namespace {

using namespace std::string_literals;

struct Row {
  std::string from, to;
};

TEST(Charset, to_utf8) {
  const struct {
    std::string charset, from, to;
  } rows[] = {
      {"", "a\xc3\xa4", "ä"},
      {"UTF-8",
       "a\xff\xfe"
       "b",
       "a\xEF\xBF\xBD"
       "b"},
      {"iso-8859-1", "\xe4", "ä"},
      {"ISO-2022-JP", "\x1b$B\x46|\x4b\x5c\x1b(B", "日本"},
      {"koi8-r", "\xd0\xd2", "пр"},
      {"utf-16le", "a\0b\0c"s, "ab\xEF\xBF\xBD"},  // breaks off in a character
      {"us-ascii", "\xc3\xa4", "ä"},
  };
  for (const auto& row : rows) {
    const auto got = mail::to_utf8(row.charset, row.from);
    ASSERT_TRUE(got) << row.charset;
    EXPECT_EQ(*got, row.charset.empty() ? "a" + row.to : row.to) << row.charset;
  }
  EXPECT_FALSE(mail::to_utf8("x-nobody-knows", "a"));
  EXPECT_FALSE(mail::is_known_charset("x-nobody-knows"));
  EXPECT_TRUE(mail::is_known_charset("windows-1252"));
  for (int i = 0; i < 30; ++i) EXPECT_EQ(*mail::to_utf8("iso-8859-" + std::to_string(1 + i % 9), "a"), "a");
}

TEST(Charset, names_that_mail_uses) {
  const struct {
    std::string from, to;
    std::vector<std::string> charsets;
  } rows[] = {
      {"\xb0\xa1\x8c\x63", "가똠", {"ks_c_5601-1987", "KS_C_5601-1989", "euc-kr", "x-windows-949", "ksc5601", "cp949"}},
      {"\xd6\xd0\x96\x7c", "中東", {"gb2312", "GB2312-80", "gbk", "x-gbk", "cp936", "CP-936", "gb_2312-80", "ms936"}},
      {"\x87\x40\x93\xfa", "①日", {"x-sjis", "shift_jis", "Shift-JIS", "sjis", "windows-31j", "cp932"}},
      {"a\\b", "a¥b", {"x-sjis", "shift_jis", "sjis"}},
      {"a\\b", "a\\b", {"windows-31j", "cp932"}},
      {"\xc6\xfc\xcb\xdc", "日本", {"x-euc-jp", "euc-jp", "eucjp"}},
      {"\xa4\xa4", "中", {"big5", "x-x-big5", "cn-big5", "big5-hkscs", "cp950"}},
      {"\xf9\xec", "של", {"iso-8859-8-i", "ISO-8859-8-E", "iso_8859-8", "logical", "windows-1255"}},
      {"\xd0\xd2", "пр", {"koi8_r", "KOI8-R", "koi8r", "koi8"}},
      {"\xef\xf0", "пр", {"win-1251", "windows1251", "x-cp1251", "Windows_1251", "cp-1251", "WIN1251"}},
      {"\x84", "ä", {"cp-850", "ibm850", "ibm-850", "CP850"}},
      {"Gr+APYA3w-", "Größ", {"unicode-1-1-utf-7", "utf-7", "x-unicode-2-0-utf-7"}},
      {"\xc3\xa4", "ä", {"unicode-1-1-utf-8", "x-unicode-2-0-utf-8", "\"utf-8\"", "utf_8", "utf8mb4"}},
      {"a", "a", {"ansi_x3.110-1983", "ANSI_X3.4-1968", "x-mac-roman", "x-mac-cyrillic", "tis-620", "latin-1"}},
  };
  for (const auto& row : rows)
    for (const auto& charset : row.charsets) {
      EXPECT_TRUE(mail::is_known_charset(charset)) << charset;
      EXPECT_EQ(mail::to_utf8(charset, row.from).value_or("unknown"), row.to) << charset;
    }
  for (const char* name : {"x-", "win-", "cp", "windows-99999", "8bit", "unknown-8bit"})
    EXPECT_FALSE(mail::is_known_charset(name)) << name;
}

TEST(Charset, fold_case) {
  const Row same[] = {{"Hello", "hELLO"},
                      {"Ärger", "ärger"},
                      {"Ärger", "a\xCC\x88rger"},
                      {"ΣΊΣΥΦΟΣ", "Σίσυφος"},
                      {"ПРИВЕТ", "привет"},
                      {"Å", "\xE2\x84\xAB"},  // ANGSTROM SIGN
                      {"ı", "i"},
                      {"Ặ", "A\xCC\xA3\xCC\x86"},
                      {"한", "\xE1\x84\x92\xE1\x85\xA1\xE1\x86\xAB"},
                      {"ǆ", "ǅ"}};
  for (const auto& [a, b] : same) EXPECT_EQ(mail::fold_case(a), mail::fold_case(b)) << a;
  const Row others[] = {{"a", "b"}, {"straße", "STRASSE"}, {"ﬁ", "fi"}, {"ä", "a"}};
  for (const auto& [a, b] : others) EXPECT_NE(mail::fold_case(a), mail::fold_case(b)) << a;
  EXPECT_EQ(mail::fold_case("a\xff\xff\xc3z"), "A\xEF\xBF\xBDZ");
  std::string out = "x";
  mail::append_folded(out, "ya");
  EXPECT_EQ(out, "xYA");
}

TEST(Charset, encoded_words) {
  const Row rows[] = {
      {"plain", "plain"},
      {"=?utf-8?Q?=C3=A4_b?=", "ä b"},
      {"=?ISO-8859-1?b?5A==?=", "ä"},
      {"x =?utf-8?Q?a?= \r\n =?utf-8?Q?b?= y", "x ab y"},
      {"x =?utf-8?Q?a?= z =?utf-8?Q?b?=", "x a z b"},
      {"=?utf-8*en?Q?a?=", "a"},  // RFC 2231 section 5
      {"=?x-unknown?Q?a=20b?=", "a b"},
      {"=?utf-8?X?a?=", "=?utf-8?X?a?="},
      {"=?utf-8?Q?broken", "=?utf-8?Q?broken"},
      {"=?utf-8?Q?a b?=", "a b"},
      {"=?utf-8?Q?=ZZ=C3?=", "=ZZ\xEF\xBF\xBD"},
      {"8bit \xc3\xa4 \xe4", "8bit ä \xEF\xBF\xBD"},
      {"=?=?utf-8?Q?a?=", "=?a"},
      {"", ""},
  };
  for (const auto& row : rows) EXPECT_EQ(mail::decode_words(row.from), row.to) << row.from;
}

TEST(Charset, base64) {
  const Row rows[] = {{"aGVsbG8=", "hello"},
                      {"aGVs\r\n bG8=\r\n", "hello"},
                      {"aGVsbG8", "hello"},
                      {"aGVsbG8=aGVs", "hello"},
                      {"aGVs!bG8=", "hel"},
                      {"aGV", "he"},
                      {"aG", "h"},
                      {"a", ""},
                      {" a\r\n", ""},
                      {"aGVsb G8=\r\naGVs", "hello"},
                      {"aGVsb\r\n--\r\naGVs", "hel"},
                      {"=aGVs", ""},
                      {"aGVs\x80"
                       "aGVs",
                       "hel"},
                      {"", ""}};
  for (const auto& row : rows) EXPECT_EQ(mail::decode_base64_text(row.from), row.to) << row.from;
}

TEST(Charset, quoted_printable) {
  const Row rows[] = {{"a=20b", "a b"},         {"a=\r\nb", "ab"}, {"a= \t\r\nb", "ab"}, {"a \t\r\nb", "a\r\nb"},
                      {"a\nb\n", "a\r\nb\r\n"}, {"=c3=A4", "ä"},   {"=ZZ =", "=ZZ "},    {"a=4", "a"},
                      {"a=G", "a=G"},           {"a \t", "a"}};
  for (const auto& row : rows) EXPECT_EQ(mail::decode_quoted_printable(row.from), row.to) << row.from;
}

TEST(Charset, transfer_encodings) {
  EXPECT_EQ(mail::decode_transfer("8BIT", "a=20"), "a=20");
  EXPECT_EQ(mail::decode_transfer("Base64", "YQ=="), "a");
  EXPECT_EQ(mail::decode_transfer("quoted-Printable", "a=20b"), "a b");
  EXPECT_FALSE(mail::decode_transfer("x-uuencode", "a"));
}

}  // namespace
}  // namespace store
