// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Which message that has come is the copy of which, and what both sides then agree on.
#include "sync/told_copies.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mirror {
namespace {

using testing::IsEmpty;

imap::Uid uid(std::uint32_t number) { return imap::Uid(number); }
Identity identity(std::uint32_t number, const char* id) { return {uid(number), {}, 10, 7, id}; }

CopyOutcome told(std::uint32_t validity, std::map<imap::Uid, imap::Uid> copies) {
  return {.copies = std::move(copies), .validity = imap::UidValidity(validity)};
}

TEST(ToldCopies, WhereAllThatHasComeIsTold) {
  const imap::UidValidity now(7);
  const imap::UidSet come{{11, 12}};
  EXPECT_TRUE(is_told_plainly(told(7, {{uid(1), uid(11)}, {uid(2), uid(12)}}), now, come));
  EXPECT_FALSE(is_told_plainly(told(7, {{uid(1), uid(12)}, {uid(2), uid(11)}}), now, come));  // in another order
  EXPECT_FALSE(is_told_plainly(told(7, {{uid(1), uid(11)}}), now, come));                     // something else has come
  EXPECT_FALSE(is_told_plainly(told(8, {{uid(1), uid(11)}, {uid(2), uid(12)}}), now, come));
  EXPECT_FALSE(is_told_plainly({}, now, come));
}

TEST(ToldCopies, ElseByWhatTheyAre) {
  const std::vector<Identity> come{identity(11, "y"), identity(12, "x")}, two{identity(11, "x"), identity(12, "x")};
  const std::vector<Identity> originals{identity(1, "x"), identity(2, "y")};
  const std::map<imap::Uid, imap::Uid> right{{uid(1), uid(12)}, {uid(2), uid(11)}};
  EXPECT_EQ(copies_among(come, originals, {}), right);
  EXPECT_EQ(copies_among(come, originals, told(7, {{uid(1), uid(11)}, {uid(2), uid(12)}})), right);
  EXPECT_THAT(copies_among(two, {identity(1, "x")}, {}), IsEmpty());
  EXPECT_THAT(copies_among({identity(11, "x")}, {identity(1, "x"), identity(2, "x")}, {}), IsEmpty());
}

TEST(ToldCopies, FlagsThatAreNotCopied) {
  const auto flags = [](std::initializer_list<const char*> names) {
    imap::FlagSet out;
    for (const char* name : names) out.add(std::string(name));
    return out;
  };
  EXPECT_EQ(agreed_of_copy(flags({"x", "y"}), flags({"x", "y"}), flags({"x", "y"})), flags({"x", "y"}));
  EXPECT_EQ(agreed_of_copy(flags({"x", "y"}), flags({"x", "y"}), flags({"x"})), flags({"x"}));
  EXPECT_EQ(agreed_of_copy(flags({"x", "y"}), flags({"x"}), flags({"x"})),
            flags({"x", "y"}));  // taken away there before
  EXPECT_EQ(agreed_of_copy(flags({"x"}), flags({"x", "new"}), flags({})), flags({}));
  EXPECT_EQ(agreed_of_copy(flags({"x"}), flags({"x"}), flags({"x", "new"})), flags({"x"}));
}

}  // namespace
}  // namespace mirror
