// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "proto/base/printable.h"

#include <gtest/gtest.h>

namespace {

using base::printable;
using base::shortened;

TEST(Printable, WhatPeopleWriteStays) {
  for (const std::string text : {"plain", "Grüße, 你好 – “x” 😀", "", "a  b"}) EXPECT_EQ(printable(text), text);
}

TEST(Printable, NothingActsOnATerminal) {
  EXPECT_EQ(printable("a\r\nb\tc"), "a  b c");
  EXPECT_EQ(printable("\x1b[31mred\x07"), "�[31mred�");
  EXPECT_EQ(printable(std::string("a\0b", 3)), "a�b");
  EXPECT_EQ(printable("a\xc2\x9b"
                      "2Jb\xc2\x85"
                      "c\x7f"),
            "a�2Jb c�");
  EXPECT_EQ(printable("exe\xe2\x80\xae"
                      "gpj\xe2\x81\xa6"),
            "exe�gpj�");
}

TEST(Printable, WhatIsNoUtf8) {
  EXPECT_EQ(printable("\xff\xfe"), "��");
  EXPECT_EQ(printable("\x9b[2J"), "�[2J");
  EXPECT_EQ(printable("\xc0\x9b"), "��");       // a longer way to write 0x1b
  EXPECT_EQ(printable("\xe0\x80\x9b"), "���");  // another
  EXPECT_EQ(printable("\xed\xa0\x80"), "���");  // half a surrogate pair
  EXPECT_EQ(printable("caf\xe9"), "caf�");
  EXPECT_EQ(printable("\xe4\xbd"), "��");  // cut off
}

TEST(Printable, LongTextsAreCutBetweenCharacters) {
  EXPECT_EQ(shortened("Grüße", 5), "Grüße");
  EXPECT_EQ(shortened("Grüße", 3), "Grü…");
  EXPECT_EQ(shortened("", 3), "");
}

}  // namespace
