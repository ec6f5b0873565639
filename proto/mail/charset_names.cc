// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// What other programs take these names for: https://encoding.spec.whatwg.org/#names-and-labels
#include "proto/mail/charset_names.h"

#include <algorithm>

namespace mail {

namespace {

struct Alias {
  std::string_view name;  // in small letters, '-' for '_', without "x-"
  const char* charset;
};

constexpr Alias kAliases[] = {
    {"gb2312", "GB18030"},
    {"gb-2312-80", "GB18030"},
    {"gb2312-80", "GB18030"},
    {"euc-cn", "GB18030"},
    {"gbk", "GB18030"},
    {"cp936", "GB18030"},
    {"ms936", "GB18030"},
    {"windows-936", "GB18030"},
    {"chinese", "GB18030"},
    {"big5", "BIG5-HKSCS"},
    {"big5-eten", "BIG5-HKSCS"},
    {"cn-big5", "BIG5-HKSCS"},
    {"cp950", "BIG5-HKSCS"},
    {"windows-950", "BIG5-HKSCS"},
    {"ks-c-5601", "CP949"},
    {"ks-c-5601-1987", "CP949"},
    {"ks-c-5601-1989", "CP949"},
    {"ksc5601", "CP949"},
    {"ksc-5601", "CP949"},
    {"euc-kr", "CP949"},
    {"windows-949", "CP949"},
    {"korean", "CP949"},
    {"shift-jis", "CP932"},
    {"shiftjis", "CP932"},
    {"sjis", "CP932"},
    {"ms-kanji", "CP932"},
    {"windows-31j", "CP932"},
    {"windows-932", "CP932"},
    {"iso-8859-6-e", "ISO-8859-6"},
    {"iso-8859-6-i", "ISO-8859-6"},
    {"iso-8859-8-e", "ISO-8859-8"},
    {"iso-8859-8-i", "ISO-8859-8"},
    {"logical", "ISO-8859-8"},
    {"visual", "ISO-8859-8"},
    {"koi", "KOI8-R"},
    {"koi8", "KOI8-R"},
    {"latin-1", "ISO-8859-1"},
    {"latin-2", "ISO-8859-2"},
    {"latin-9", "ISO-8859-15"},
    {"tis-620", "CP874"},
    {"tis620", "CP874"},
    {"dos-874", "CP874"},
    {"mac-roman", "MACINTOSH"},
    {"macroman", "MACINTOSH"},
    {"mac-ce", "MAC-CENTRALEUROPE"},
    {"mac-centraleurroman", "MAC-CENTRALEUROPE"},
    {"mac-ukrainian", "MACUKRAINIAN"},
    {"unicode-1-1-utf-7", "UTF-7"},
    {"unicode-2-0-utf-7", "UTF-7"},
    {"utf7", "UTF-7"},
    {"unicode-1-1-utf-8", "UTF-8"},
    {"unicode-2-0-utf-8", "UTF-8"},
    {"unicode20utf8", "UTF-8"},
    {"utf8mb4", "UTF-8"},
};

char plain(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c == '_' ? '-' : c; }

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// "win-1251", "windows1251", "cp-850", "ibm-850" are code pages; empty: none is meant.
std::string code_page(std::string_view name) {
  for (const std::string_view prefix : {"windows", "win", "cp", "ibm", "ms", "dos"}) {
    if (!name.starts_with(prefix)) continue;
    auto number = name.substr(prefix.size());
    if (number.starts_with('-')) number.remove_prefix(1);
    if (!number.empty() && std::ranges::all_of(number, is_digit)) return "CP" + std::string(number);
  }
  return {};
}

std::string_view trimmed(std::string_view charset) {
  while (!charset.empty() && (charset.front() == ' ' || charset.front() == '"')) charset.remove_prefix(1);
  while (!charset.empty() && (charset.back() == ' ' || charset.back() == '"')) charset.remove_suffix(1);
  return charset;
}

// In small letters, without the "x-" of names that are not registered.
std::string plain_name(std::string_view charset) {
  std::string name(trimmed(charset));
  std::ranges::transform(name, name.begin(), plain);
  while (name.starts_with("x-")) name.erase(0, 2);
  return name;
}

}  // namespace

bool is_shift_jis(std::string_view charset) {
  const auto name = plain_name(charset);
  return name == "shift-jis" || name == "shiftjis" || name == "sjis" || name == "ms-kanji";
}

std::vector<std::string> iconv_names(std::string_view charset) {
  charset = trimmed(charset);
  auto name = plain_name(charset);
  std::vector<std::string> out;
  if (const auto alias = std::ranges::find(kAliases, name, &Alias::name); alias != std::end(kAliases))
    out.emplace_back(alias->charset);
  out.emplace_back(charset);
  if (auto page = code_page(name); !page.empty()) out.push_back(std::move(page));
  out.push_back(std::move(name));
  std::erase(out, "");  // iconv takes it for the locale's charset
  return out;
}

}  // namespace mail
