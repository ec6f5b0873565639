// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "store/maildir/keywords.h"

#include <gtest/gtest.h>

namespace {

using Names = std::vector<std::string>;

TEST(Keywords, NumbersAreGivenOnceAndFillHolesFirst) {
  store::Keywords keywords;
  keywords.set_names({"a", "", "C", "", "c"});
  EXPECT_EQ(keywords.number_of("A"), 0u);
  EXPECT_EQ(keywords.number_of("c"), 2u);
  EXPECT_EQ(keywords.number_of("x"), 1u);
  EXPECT_EQ(keywords.number_of("X"), 1u);
  EXPECT_EQ(keywords.number_of("y"), 3u);
  EXPECT_EQ(keywords.number_of("z"), 5u);
  EXPECT_EQ(keywords.names(), (Names{"a", "x", "C", "y", "c", "z"}));
}

TEST(Keywords, InventedLettersLeaveHoles) {
  store::Keywords keywords;
  keywords.invent_letter(2);
  EXPECT_FALSE(keywords.knows_letter(1));
  EXPECT_EQ(keywords.number_of("unknown-2"), 2u);
  EXPECT_EQ(keywords.number_of("a"), 0u);
  keywords.invent_letter(0);
  EXPECT_EQ(keywords.names(), (Names{"a", "", "unknown-2"}));
}

TEST(Keywords, RoomIsForThoseThatAreKnownAndAFewMore) {
  store::Keywords keywords;
  keywords.set_names({"a", "b", "", "c"});
  EXPECT_TRUE(keywords.has_room_for({"d"}, 4));
  EXPECT_TRUE(keywords.has_room_for({"A", "d"}, 4));
  EXPECT_FALSE(keywords.has_room_for({"d", "e"}, 4));
  EXPECT_TRUE(keywords.has_room_for({"C", "a"}, 1));  // has more already
  EXPECT_FALSE(keywords.has_room_for({"d"}, 1));
}

}  // namespace
