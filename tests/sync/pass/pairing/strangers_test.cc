// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Where one full mailbox of an account that nobody knows has other mail on both sides, no mailbox is touched.
#include "sync/pass/pairing/strangers.h"

#include <gmock/gmock.h>

#include "tests/sync/pass/pass_fixture.h"

namespace tests {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class Strangers : public PassTest {
 protected:
  void fill(MemoryServer& side, const std::string& mailbox, int first, int count = 25) {
    if (side.find(mailbox) == nullptr) side.create(mailbox);
    for (int i = first; i < first + count; ++i) side.append(mailbox, letter(std::to_string(i), "text"));
  }
  // Mailboxes that hold what they do not have in common.
  void fill_others() {
    fill(local_, "Sent", 5000, 2);
    fill(remote_, "Sent", 6000, 2);
    fill(local_, "only here", 7000, 2);
    fill(remote_, "only there", 8000, 2);
  }
  void expect_nothing_touched() {
    EXPECT_TRUE(progress_.strangers);
    EXPECT_FALSE(progress_.counts.copied_to_local || progress_.counts.copied_to_remote ||
                 progress_.counts.created_local || progress_.counts.created_remote);
    EXPECT_EQ(local_.letters("Sent").size(), 2u);
    EXPECT_EQ(remote_.letters("Sent").size(), 2u);
    EXPECT_EQ(local_.find("only there"), nullptr);
    EXPECT_EQ(remote_.find("only here"), nullptr);
    EXPECT_THAT(problems(), HasSubstr("looks like another account's mail"));
    EXPECT_THAT(problems(), HasSubstr("until then no other mailbox is touched either"));
    EXPECT_EQ(progress_.problems.size(), 1u);
  }
};

TEST_F(Strangers, InInboxHoldTheWholeAccount) {
  fill(local_, "INBOX", 0);
  fill(remote_, "INBOX", 1000);
  fill_others();
  for (int i = 0; i < 2; ++i) {  // and so it stays
    EXPECT_FALSE(pass());
    expect_nothing_touched();
  }
  EXPECT_EQ(local_.letters("INBOX").size(), 25u);
}

TEST_F(Strangers, InTheLargestMailboxWhereInboxIsNotFull) {
  fill(local_, "archive", 0, 40);
  fill(remote_, "archive", 1000, 40);
  fill(local_, "both", 2000, 30);
  fill(remote_, "both", 2000, 30);
  fill_others();
  EXPECT_FALSE(pass());
  expect_nothing_touched();
  EXPECT_THAT(problems(), testing::StartsWith("archive: "));
}

TEST_F(Strangers, AnInboxThatIsTheSameLetsTheOthersGoOnAndEachIsAskedForItself) {
  fill(local_, "INBOX", 0);
  fill(remote_, "INBOX", 0);
  fill(local_, "archive", 100);
  fill(remote_, "archive", 1000);
  fill_others();
  EXPECT_FALSE(pass());
  EXPECT_FALSE(progress_.strangers);
  EXPECT_THAT(problems(), HasSubstr("archive: of 25 messages"));
  EXPECT_EQ(local_.letters("archive").size(), 25u);
  EXPECT_EQ(local_.letters("Sent").size(), 4u);
}

TEST_F(Strangers, AnAccountThatIsKnownIsHeldInThatMailboxAlone) {
  fill(local_, "INBOX", 0);
  fill(remote_, "INBOX", 0);
  fill_others();
  EXPECT_TRUE(pass()) << problems();
  remote_.remove("INBOX");
  remote_.create("INBOX");
  fill(remote_, "INBOX", 1000);
  fill(remote_, "Sent", 9000, 1);
  EXPECT_FALSE(pass());
  EXPECT_FALSE(progress_.strangers);
  EXPECT_THAT(problems(), HasSubstr("looks like another account's mail"));
  EXPECT_EQ(local_.letters("Sent").size(), 5u);
}

TEST_F(Strangers, AServerWhoseMailboxesAreAllOthersIsNotKnown) {
  fill(local_, "INBOX", 0);
  fill(remote_, "INBOX", 0);
  fill(local_, "Sent", 5000, 2);
  fill(remote_, "Sent", 5000, 2);
  EXPECT_TRUE(pass()) << problems();
  for (const auto* name : {"INBOX", "Sent"}) {
    remote_.remove(name);
    remote_.create(name);
  }
  fill(remote_, "INBOX", 1000);
  fill(remote_, "Sent", 6000, 2);
  fill(local_, "only here", 7000, 2);
  fill(remote_, "only there", 8000, 2);
  EXPECT_FALSE(pass());
  expect_nothing_touched();
}

TEST_F(Strangers, SmallMailboxesAreMerged) {
  fill(local_, "INBOX", 0, 10);
  fill(remote_, "INBOX", 1000, 10);
  EXPECT_TRUE(pass()) << problems();
  EXPECT_EQ(local_.letters("INBOX").size(), 20u);
}

}  // namespace
}  // namespace tests
