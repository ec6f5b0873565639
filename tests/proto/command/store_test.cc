// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "tests/support/command_text.h"

namespace {

using namespace imap;
using tests::expect_both_ways;
using tests::expect_malformed;

StoreCommand store(std::initializer_list<SequenceSet::Range> ranges, FlagChange change,
                   std::initializer_list<Flag> flags, bool silent = false) {
  return {
      {MessageSet::By::Number, {std::vector<SequenceSet::Range>(ranges), false}}, change, silent, FlagSet(flags), {}};
}

TEST(Store, both_ways) {
  expect_both_ways("STORE 2:4 +FLAGS (\\Deleted)", store({{2, 4}}, FlagChange::Add, {Flag::Deleted}));
  expect_both_ways("STORE 1 FLAGS ()", store({{1, 1}}, FlagChange::Replace, {}));
  expect_both_ways("STORE 1:* -FLAGS.SILENT (\\Answered \\Seen)",
                   store({{1, 0}}, FlagChange::Remove, {Flag::Seen, Flag::Answered}, true));
  expect_both_ways("store 1 flags.silent \\seen \\DRAFT",
                   store({{1, 1}}, FlagChange::Replace, {Flag::Seen, Flag::Draft}, true),
                   "STORE 1 FLAGS.SILENT (\\Seen \\Draft)");
  auto keyword = store({{1, 1}}, FlagChange::Add, {});
  keyword.flags.add("$Forwarded");
  keyword.flags.add("Work");
  expect_both_ways("STORE 1 +FLAGS ($Forwarded Work)", keyword);
  expect_both_ways("STORE 1 +FLAGS (Work $forwarded Work)", keyword, "STORE 1 +FLAGS ($Forwarded Work)");
}

TEST(Store, by_uid_and_unless_changed_since) {
  auto by_uid = store({{1, 1}}, FlagChange::Add, {Flag::Seen});
  by_uid.messages.by = MessageSet::By::Uid;
  by_uid.unchanged_since = ModSeq(320162338);
  expect_both_ways("UID STORE 1 (UNCHANGEDSINCE 320162338) +FLAGS (\\Seen)", by_uid);
  by_uid.unchanged_since = ModSeq(0);
  expect_both_ways("UID STORE 1 (unchangedsince 0) +flags \\Seen", by_uid,
                   "UID STORE 1 (UNCHANGEDSINCE 0) +FLAGS (\\Seen)");
}

TEST(Store, recent_is_nobodys_to_set) {
  expect_both_ways("STORE 1 FLAGS (\\Recent \\Seen)", store({{1, 1}}, FlagChange::Replace, {Flag::Seen}),
                   "STORE 1 FLAGS (\\Seen)");
}

TEST(Store, malformed) {
  expect_malformed({"STORE",
                    "STORE 1",
                    "STORE 1 FLAGS",
                    "STORE 1 FLAGS ",
                    "STORE 1 FLAGS (\\Seen",
                    "STORE 1 FLAGS \\Seen)",
                    "STORE 1 FLAG (\\Seen)",
                    "STORE 1 *FLAGS (\\Seen)",
                    "STORE 1 FLAGS.LOUD (\\Seen)",
                    "STORE 1 + FLAGS ()",
                    "STORE 1 FLAGS (\\Seen\\Draft)",
                    "STORE 1 FLAGS (\\)",
                    "STORE 1 FLAGS (\\Nonsense)",
                    "STORE 1 FLAGS (a\"b)",
                    "STORE 1 FLAGS (\\*)",
                    "STORE 1 (UNCHANGEDSINCE) FLAGS ()",
                    "STORE 1 (UNCHANGEDSINCE -1) FLAGS ()",
                    "STORE 1 (UNCHANGEDSINCE 9223372036854775808) FLAGS ()",
                    "STORE 1 (CHANGEDSINCE 1) FLAGS ()",
                    "STORE 1 FLAGS (a]b)"});
}

}  // namespace
