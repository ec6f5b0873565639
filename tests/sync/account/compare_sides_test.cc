// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "sync/account/compare_sides.h"

#include <gtest/gtest.h>

namespace tests {
namespace {

using mirror::CheckedMessage;
using mirror::CheckedSide;
using Told = std::vector<std::string>;

struct Sides {
  mirror::PairTable pairs;
  CheckedSide here, there;

  // Local UID n is remote UID 100 + n.
  explicit Sides(std::uint32_t count) {
    for (std::uint32_t i = 1; i <= count; ++i) {
      pairs.put({imap::Uid(i), imap::Uid(100 + i), {}, 0});
      here.messages[imap::Uid(i)] = {{}, 1000 + i, 50, "digest " + std::to_string(i)};
      there.messages[imap::Uid(100 + i)] = {{}, 1000 + i, 50, "digest " + std::to_string(i)};
    }
  }
  CheckedMessage& at(std::uint32_t local) { return here.messages.at(imap::Uid(local)); }
  mirror::Comparison compare(mirror::Permits permits = {}, mirror::KnownDates dates = {}, bool accepts = false) const {
    return compare_sides({pairs, permits, std::move(dates), accepts}, here, there);
  }
  Told told() const { return compare().differences; }
};

TEST(CompareSides, WhatIsTheSameSaysNothing) { EXPECT_EQ(Sides(3).told(), Told()); }

TEST(CompareSides, TextFlagsAndDate) {
  Sides sides(3);
  sides.at(1).digest = "another";
  sides.at(2).flags.add(imap::Flag::Seen);
  sides.at(3).internal_date = 5;
  EXPECT_EQ(sides.told(), (Told{"local UID 1 and remote UID 101 differ in their text",
                                "local UID 2 and remote UID 102 differ in their flags",
                                "local UID 3 and remote UID 103 differ in their internal date"}));
}

TEST(CompareSides, ATextThatWasNotReadAndADateThatNobodyTellsDoNotDiffer) {
  Sides sides(2);
  sides.at(1).digest = "";
  sides.at(2).internal_date = std::nullopt;
  EXPECT_EQ(sides.told(), Told());
}

TEST(CompareSides, WhatIsOnOneSideOnly) {
  Sides sides(3);
  sides.here.messages.erase(imap::Uid(1));
  sides.there.messages.erase(imap::Uid(102));
  sides.here.messages[imap::Uid(9)] = {};
  sides.there.messages[imap::Uid(200)] = {};
  EXPECT_EQ(sides.told(),
            (Told{"remote UID 200 is not here", "local UID 2: its twin, remote UID 102, is gone",
                  "local UID 9 is not on the remote side", "remote UID 101: its twin, local UID 1, is gone"}));
}

TEST(CompareSides, DoubtsAndTextsThatAreNotGivenAreTold) {
  Sides sides(2);
  sides.there.doubt = "the server counts 2 messages and shows 1";
  sides.there.unread.add(imap::Uid(101));
  sides.at(1).flags.add(imap::Flag::Seen);
  EXPECT_EQ(sides.told(), (Told{"the server counts 2 messages and shows 1", "remote UID 101 cannot be read"}));
}

TEST(CompareSides, DatesThatDifferedWhenTheyWerePairedAreNoDifference) {
  Sides sides(3);
  sides.at(1).internal_date = 5;
  sides.at(2).internal_date = 6;
  sides.at(3).internal_date = 7;
  const mirror::KnownDates known{{imap::Uid(101), {{}, 5, 1001}}, {imap::Uid(102), {{}, 6, 999}}};
  const auto found = sides.compare({}, known);
  // Of 2 the date there has changed since; of 3 nobody knew.
  EXPECT_EQ(found.differences, (Told{"local UID 2 and remote UID 102 differ in their internal date",
                                     "local UID 3 and remote UID 103 differ in their internal date"}));
  EXPECT_EQ(found.known_dates.size(), 1u);
}

TEST(CompareSides, DatesAreAcceptedWhereTheTextIsTheSame) {
  Sides sides(2);
  sides.at(1).internal_date = 5;
  sides.at(2).internal_date = 6;
  sides.at(2).digest = "another";
  const auto found = sides.compare({}, {}, true);
  EXPECT_EQ(found.differences, (Told{"local UID 2 and remote UID 102 differ in their text",
                                     "local UID 2 and remote UID 102 differ in their internal date"}));
  EXPECT_EQ(found.known_dates, (mirror::KnownDates{{imap::Uid(101), {{}, 5, 1001}}}));
}

// 1 was flagged here, 2 there; 3 is gone here, 4 there; 5 is only here, 200 only there.
Sides changed_on_both() {
  Sides sides(4);
  sides.at(1).flags.add(imap::Flag::Flagged);
  sides.there.messages.at(imap::Uid(102)).flags.add(imap::Flag::Flagged);
  sides.here.messages.erase(imap::Uid(3));
  sides.there.messages.erase(imap::Uid(104));
  sides.here.messages[imap::Uid(5)] = {};
  sides.there.messages[imap::Uid(200)] = {};
  return sides;
}

TEST(CompareSides, WhatAModeForbidsIsNoDifference) {
  const auto backup = changed_on_both().compare(mirror::Permits::of(mirror::Mode::Backup));
  EXPECT_EQ(backup.differences,
            (Told{"remote UID 200 is not here", "local UID 2 and remote UID 102 differ in their flags"}));
  EXPECT_EQ(sentences(backup.withheld),
            (Told{"not taken here: 1 removal", "not taken there: 1 message, 1 removal, 1 flag change"}));
  const auto send = changed_on_both().compare(mirror::Permits::of(mirror::Mode::Send));
  EXPECT_EQ(send.differences,
            (Told{"local UID 1 and remote UID 101 differ in their flags", "local UID 5 is not on the remote side",
                  "remote UID 103: its twin, local UID 3, is gone"}));
  EXPECT_EQ(sentences(send.withheld), Told{"not taken here: 1 message, 1 removal, 1 flag change"});
  for (const auto mode : {mirror::Mode::Both, mirror::Mode::Mirror}) {
    const auto all = changed_on_both().compare(mirror::Permits::of(mode));
    EXPECT_EQ(all.differences.size(), 6u);
    EXPECT_FALSE(all.withheld.any());
  }
}

TEST(CompareSides, AFlagThatBothSidesHaveChangedIsADifferenceInAnyMode) {
  Sides sides(1);
  sides.at(1).flags.add(imap::Flag::Flagged);                               // withheld in mode = backup
  sides.there.messages.at(imap::Uid(101)).flags.add(imap::Flag::Answered);  // and this is to come
  for (const auto mode : {mirror::Mode::Backup, mirror::Mode::Send})
    EXPECT_EQ(sides.compare(mirror::Permits::of(mode)).differences.size(), 1u);
}

mirror::ComparedTexts compared(std::uint64_t size = 50) {
  return {{imap::Uid(101), {imap::UidValidity(7), size, "digest 1"}}};
}

TEST(TextsToCompare, WhatIsRememberedIsNotAskedForAgain) {
  const Sides sides(3);
  const auto texts =
      texts_to_compare(sides.pairs, sides.here, sides.there, compared(), {imap::UidValidity(7), false, 1000});
  EXPECT_EQ(texts.there, (imap::UidSet{{102, 103}}));
  EXPECT_EQ(texts.here, (imap::UidSet{{2, 3}}));
  EXPECT_EQ(texts.remembered, 1u);
  EXPECT_EQ(texts.left, 0u);
}

TEST(TextsToCompare, NotWhereUidValidityOrSizeIsAnotherOrTheSideDoesNotDescribeIt) {
  Sides sides(1);
  const auto asked = [&](const mirror::ComparedTexts& known, std::uint32_t validity, bool forgets = false) {
    return texts_to_compare(sides.pairs, sides.here, sides.there, known, {imap::UidValidity(validity), forgets, 1000})
        .there.size();
  };
  EXPECT_EQ(asked(compared(), 7), 0u);
  EXPECT_EQ(asked(compared(), 8), 1u);
  EXPECT_EQ(asked(compared(51), 7), 1u);
  EXPECT_EQ(asked(compared(), 7, true), 1u);
  sides.there.messages[imap::Uid(101)].internal_date = std::nullopt;
  EXPECT_EQ(asked(compared(), 7), 1u);
}

TEST(TextsToCompare, WhatHasNoPairMayBeWhatCannotBeRead) {
  Sides sides(1);
  sides.there.messages[imap::Uid(200)] = {};
  EXPECT_EQ(
      texts_to_compare(sides.pairs, sides.here, sides.there, compared(), {imap::UidValidity(7), false, 1000}).there,
      (imap::UidSet{{200, 200}}));
  sides.there.unread.add(imap::Uid(200));
  EXPECT_EQ(sides.told(), Told{"remote UID 200 cannot be read"});
}

TEST(TextsToCompare, NoMoreOctetsThanAreWanted) {
  const Sides sides(4);
  const auto texts = texts_to_compare(sides.pairs, sides.here, sides.there, {}, {imap::UidValidity(7), false, 120});
  EXPECT_EQ(texts.there.size(), 2u);
  EXPECT_EQ(texts.left, 2u);
}

}  // namespace
}  // namespace tests
