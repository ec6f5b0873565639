// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "sync/command/message_story.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace tests {
namespace {

using store::LedgerEntry;
using What = LedgerEntry::What;

LedgerEntry entry(What what, const std::string& mailbox, imap::UidSet uids) {
  LedgerEntry out;
  out.what = what;
  out.mailbox_id = "id of " + mailbox;
  out.mailbox = mailbox;
  out.uids = std::move(uids);
  out.by = "client";
  return out;
}

LedgerEntry from(LedgerEntry entry, const std::string& mailbox, imap::UidSet uids) {
  entry.from_id = "id of " + mailbox;
  entry.from = std::move(uids);
  return entry;
}

std::vector<std::string> story(const std::vector<LedgerEntry>& all, mirror::MessageStory story,
                               const std::string& message_id = "") {
  for (bool again = true; again;) {
    again = false;
    for (const auto& one : all) again = story.grow(one, message_id) || again;
  }
  std::vector<std::string> out;
  for (const auto& one : all)
    for (const auto& event : story.events(one)) out.push_back(event.place + ": " + event.what);
  return out;
}

mirror::MessageStory about(const std::string& mailbox, std::uint32_t uid) {
  mirror::MessageStory out;
  out.add({"id of " + mailbox, imap::Uid(uid)});
  return out;
}

using Told = std::vector<std::string>;

TEST(MessageStory, ACopyIsFoundFromItsOriginalAndTheOtherWayRound) {
  const std::vector<LedgerEntry> all{
      entry(What::Arrived, "A", {{1, 9}}),
      from(entry(What::Copied, "B", {{4, 4}, {10, 11}}), "A", {{2, 3}, {7, 7}}),
      entry(What::Gone, "B", {{10, 10}}),
      entry(What::Gone, "B", {{11, 11}}),
  };
  const Told third{"A 3: arrived", "B 10: copied here from A 3", "B 10: removed from this mailbox"};
  EXPECT_EQ(story(all, about("A", 3)), third);
  EXPECT_EQ(story(all, about("B", 10)), third);
  EXPECT_EQ(story(all, about("A", 1)), Told{"A 1: arrived"});
}

TEST(MessageStory, ChainsAreFollowedWhicheverEndIsAskedFor) {
  const std::vector<LedgerEntry> all{
      entry(What::Arrived, "A", {{5, 5}}),
      from(entry(What::Moved, "B", {{1, 1}}), "A", {{5, 5}}),
      from(entry(What::Moved, "C", {{8, 8}}), "B", {{1, 1}}),
      from(entry(What::Copied, "A", {{6, 6}}), "C", {{8, 8}}),
  };
  const Told whole{"A 5: arrived", "B 1: moved here from A 5", "C 8: moved here from B 1", "A 6: copied here from C 8"};
  EXPECT_EQ(story(all, about("A", 5)), whole);
  EXPECT_EQ(story(all, about("A", 6)), whole);
  EXPECT_EQ(story(all, about("B", 1)), whole);
}

TEST(MessageStory, AMessageIdIsFoundHoweverItIsWritten) {
  auto one = entry(What::Arrived, "A", {{5, 5}});
  one.message_id = "<x@y>";
  const std::vector<LedgerEntry> all{one, entry(What::Gone, "A", {{4, 5}})};
  EXPECT_EQ(story(all, {}, mirror::bare_message_id(" <x@y>\r\n")),
            (Told{"A 5: arrived", "A 5: removed from this mailbox"}));
  EXPECT_EQ(story(all, {}, "z@y"), Told());
  EXPECT_EQ(story(all, {}, ""), Told());
}

TEST(MessageStory, FlagsAndRemarks) {
  auto flags = entry(What::Flags, "A", {{1, 3}});
  flags.flags_added.add(imap::Flag::Seen);
  flags.flags_removed.add("todo");
  auto remark = from(entry(What::Remark, "A", {{2, 4}}), "", {{70, 72}});
  remark.text = "sent to mail.example";
  auto plain = entry(What::Remark, "A", {{2, 2}});
  plain.text = "held, not copied: too large";
  EXPECT_EQ(story({flags, remark, plain, entry(What::MailboxDeleted, "A", {})}, about("A", 2)),
            (Told{"A 2: marked \\Seen, no more todo", "A 2: sent to mail.example (UID 70 there)",
                  "A 2: held, not copied: too large", "A 2: the mailbox was deleted"}));
}

TEST(MessageStory, AMailboxThatWasDeletedAndMadeAnewIsAnother) {
  auto anew = entry(What::Arrived, "A", {{5, 5}});
  anew.mailbox_id = "another id";
  EXPECT_EQ(story({entry(What::Arrived, "A", {{5, 5}}), anew}, about("A", 5)), Told{"A 5: arrived"});
}

}  // namespace
}  // namespace tests
