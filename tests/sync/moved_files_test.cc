// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Which files were moved by another program: a row a rule.
#include "sync/moved_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sync/message_mark.h"

namespace mirror {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

imap::Uid uid(std::uint32_t number) { return imap::Uid(number); }
LostHere lost(const char* mailbox, std::uint32_t number, const char* id) {
  const auto mark = *id == 0 ? 0 : mark_of(id);
  return {MailboxPath(mailbox), {uid(number), uid(number + 100), {}, mark}};
}
NewHere come(const char* mailbox, std::uint32_t number, const char* id, imap::FlagSet flags = {}) {
  return {MailboxPath(mailbox), {uid(number), flags, 10, 7, id}};
}

std::vector<std::string> moved(const std::vector<LostHere>& gone, const std::vector<NewHere>& arrived,
                               const std::set<std::uint64_t>& marks_here = {}) {
  std::vector<std::string> out;
  for (const auto& one : match_moved_files(gone, arrived, marks_here)) {
    EXPECT_FALSE(one.is_told);
    EXPECT_EQ(one.manner, Manner::Move);
    out.push_back(one.mailbox.shown() + '/' + std::to_string(one.original.remote.value) + ' ' +
                  one.copy.mailbox.shown() + '/' + std::to_string(one.copy.uid.value));
  }
  return out;
}

TEST(MovedFiles, ByMessageId) {
  EXPECT_THAT(moved({lost("a", 1, "x")}, {come("b", 5, "x")}), ElementsAre("a/101 b/5"));
  EXPECT_THAT(moved({lost("a", 1, "x")}, {come("b", 5, "y")}), IsEmpty());
  EXPECT_THAT(moved({lost("a", 1, "")}, {come("b", 5, "")}), IsEmpty());
}

TEST(MovedFiles, NotWithinAMailbox) { EXPECT_THAT(moved({lost("a", 1, "x")}, {come("a", 5, "x")}), IsEmpty()); }

TEST(MovedFiles, NotWhereTwoAreAlike) {
  EXPECT_THAT(moved({lost("a", 1, "x"), lost("c", 2, "x")}, {come("b", 5, "x")}), IsEmpty());
  EXPECT_THAT(moved({lost("a", 1, "x")}, {come("b", 5, "x"), come("b", 6, "x")}), IsEmpty());
  EXPECT_THAT(moved({lost("a", 1, "x")}, {come("b", 5, "x")}, {mark_of("x")}), IsEmpty());
}

TEST(MovedFiles, NoDrafts) {
  EXPECT_THAT(moved({lost("a", 1, "x")}, {come("b", 5, "x", {imap::Flag::Draft})}), IsEmpty());
}

TEST(MovedFiles, KeywordsThatTheOtherMailboxDoesNotKnowStay) {
  imap::FlagSet agreed{imap::Flag::Seen, imap::Flag::Flagged}, here{imap::Flag::Seen}, expected = agreed;
  agreed.add("work");
  agreed.add("later");
  here.add("later");
  here.add("new");
  expected.add("later");
  EXPECT_EQ(agreed_of_file(agreed, here), expected);
}

}  // namespace
}  // namespace mirror
