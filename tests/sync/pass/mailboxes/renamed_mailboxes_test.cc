// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "sync/pass/mailboxes/renamed_mailboxes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tests {
namespace {

using mirror::find_renamed;
using mirror::MailboxPath;
using mirror::missing_sentence;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::Pair;

std::pair<MailboxPath, mirror::SideState> stands(const char* name, std::uint32_t validity, std::uint32_t uid_next) {
  return {MailboxPath(name), {imap::UidValidity(validity), imap::Uid(uid_next), imap::ModSeq(1), 1}};
}

TEST(RenamedMailboxes, UidvalidityTells) {
  const auto old_one = stands("old", 7, 20), other = stands("other", 8, 5);
  const std::set<MailboxPath> unknown{MailboxPath("new"), MailboxPath("new2")};
  const auto pair = Pair(MailboxPath("old"), MailboxPath("new"));
  EXPECT_THAT(find_renamed({old_one}, {stands("new", 7, 20), other}, unknown), ElementsAre(pair));
  EXPECT_THAT(find_renamed({old_one}, {stands("new", 7, 25), other}, unknown), ElementsAre(pair));
  EXPECT_THAT(find_renamed({old_one}, {stands("new", 7, 19), other}, unknown), IsEmpty()) << "UIDNEXT never falls";
  EXPECT_THAT(find_renamed({old_one}, {stands("new", 9, 20), other}, unknown), IsEmpty());
  EXPECT_THAT(find_renamed({old_one}, {stands("known", 7, 20), other}, unknown), IsEmpty());
  EXPECT_THAT(find_renamed({old_one}, {stands("new", 7, 20), stands("new2", 7, 20)}, unknown), IsEmpty());
  EXPECT_THAT(find_renamed({old_one}, {stands("new", 7, 20), stands("known", 7, 3)}, unknown), IsEmpty())
      << "a server that gives one UIDVALIDITY to all";
  EXPECT_THAT(find_renamed({old_one, stands("old2", 7, 4)}, {stands("new", 7, 20)}, unknown), IsEmpty());
  EXPECT_THAT(find_renamed({stands("old", 0, 0)}, {stands("new", 0, 1)}, unknown), IsEmpty()) << "nothing is known";
}

TEST(RenamedMailboxes, TheCommandIsAsAShellTakesIt) {
  const MailboxPath plain("a/b"), quoted("it's; rm *"), dashed("-x");
  EXPECT_THAT(missing_sentence(plain, nullptr, "there"), HasSubstr("`postern delete a/b`"));
  EXPECT_THAT(missing_sentence(quoted, nullptr, "there"), HasSubstr("`postern delete 'it'\\''s; rm *'`"));
  EXPECT_THAT(missing_sentence(plain, &quoted, "there"), HasSubstr("`postern rename a/b 'it'\\''s; rm *'`"));
  EXPECT_THAT(missing_sentence(plain, &quoted, "there"), Not(HasSubstr("delete")));
  EXPECT_THAT(missing_sentence(dashed, nullptr, "there"), HasSubstr("`postern delete -- '-x'`"));
}

}  // namespace
}  // namespace tests
