// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "proto/mail/base_subject.h"

#include <gtest/gtest.h>

#include <chrono>

#include "proto/mail/collation.h"

namespace tests {
namespace {

struct Row {
  std::string_view value, base;
  bool is_reply_or_forward = false;
};

const Row kRows[] = {
    {"", ""},
    {"  ", ""},
    {"Hello", "HELLO"},
    {"hello \t\r\n  world  ", "HELLO WORLD"},
    {"Re: hello", "HELLO", true},
    {"RE : re:fwd: FW:hello", "HELLO", true},
    {"Re[2]: hello", "HELLO", true},
    {"re [x] : hello", "HELLO", true},
    {"[list] Re: hello", "HELLO", true},
    {"[list][other] hello", "HELLO"},
    {"[list]", "[LIST]"},
    {"[list] ", "[LIST]"},
    {"Re: [list]", "[LIST]", true},
    {"[a] [b] [c]", "[C]"},
    {"[open hello", "[OPEN HELLO"},
    {"[a[b] hello", "[A[B] HELLO"},
    {"hello (fwd)", "HELLO", true},
    {"hello (fwd) (FWD) ", "HELLO", true},
    {"(fwd)", "", true},
    {"[fwd: hello]", "HELLO", true},
    {"[Fwd: Re: [list] hello (fwd)]", "HELLO", true},
    {"[fwd: [fwd: hello]]", "HELLO", true},
    {"[fwd:re: hello]", "HELLO", true},
    {"[fwd: hello] and", "AND"},
    {"Re", "RE"},
    {"Re:", "", true},
    {"Reply: hello", "REPLY: HELLO"},
    {"AW: hello", "AW: HELLO"},
    {"=?utf-8?Q?Re=3A_h=C3=A9llo?=", "HE\xCC\x81LLO", true},
    {"=?utf-8?Q?Re=3A?= =?utf-8?B?aGVsbG8=?=", "HELLO", true},
    {"=?nonsense?Q?re=3A?= x", "re: X"},
    {"=?utf-8*en?Q?re=3A?= x", "re: X"},  // as Dovecot has it
    {"a\xFF\xFE z", "A\xEF\xBF\xBD Z"},
    // iconv must know a charset by the very name, and what breaks off in a character is left out.
    {"=?x-sjis?B?lVw=?=", "\xEF\xBF\xBD\\"},
    {"=?shift_jis?Q?=7E=5C?=", "\u0305\u00A5"},
    {"=?shift_jis?Q?a=8F?=", "A"},
    {"=??Q?a=C3=A4?=", "A\xEF\xBF\xBD"},
    {"=?utf-8?Q?a=C3?= =?us-ascii?Q?=C3b?=",
     "A\xEF\xBF\xBD"
     "B"},
    // Dovecot overlooks the first of these blanks.
    {"a \r\n b \r\n c", "A  B C"},
    {"a  \r\n b", "A B"},
    {"a\r\n b", "A B"},
    {"a \tb \r\n c", "A B C"},
};

TEST(BaseSubject, is_what_the_rfc_says) {
  for (const auto& row : kRows) {
    const auto base = mail::base_subject(row.value);
    EXPECT_EQ(base.text, row.base) << row.value;
    EXPECT_EQ(base.is_reply_or_forward, row.is_reply_or_forward) << row.value;
  }
}

TEST(BaseSubject, is_found_in_a_time_that_its_length_bounds) {
  const auto before = std::chrono::steady_clock::now();
  for (const std::string_view piece : {"re:", "[x]", "[x] ", "re[x]:", "[fwd:", "(fwd)", "[", "re:[a][b][c]"}) {
    std::string text;
    while (text.size() < 1'000'000) text += piece;
    (void)mail::base_subject(text);
    (void)mail::base_subject(text + "end]");
  }
  EXPECT_LT(std::chrono::steady_clock::now() - before, std::chrono::seconds(20));
}

TEST(Collation, one_step_of_decomposition) {
  EXPECT_EQ(mail::collation_key("aZ\xC3\xA9"), "AZE\xCC\x81");
  EXPECT_EQ(mail::collation_key("\xE1\xBA\xA5"), "\xC3\x82\xCC\x81") << "a letter with two marks loses the last";
  EXPECT_EQ(mail::collation_key("\xE2\x84\xAB"), "\xC3\x85") << "a sign that stands for a letter";
  EXPECT_EQ(mail::collation_key("\xC7\x86"), "\xC7\x85") << "its title case";
  EXPECT_EQ(mail::collation_key("\xEF\xAC\x81"), "fi");
  EXPECT_EQ(mail::collation_key("\xEA\xB0\x81"), "\xE1\x84\x80\xE1\x85\xA1\xE1\x86\xA8");
  EXPECT_EQ(mail::collation_key("\xC3\x28\xFF"), "\xEF\xBF\xBD(\xEF\xBF\xBD");
}

}  // namespace
}  // namespace tests
