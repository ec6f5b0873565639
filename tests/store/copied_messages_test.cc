// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// What COPY and MOVE note for the sync, once it has asked for it.
#include "store/copied_messages.h"

#include "proto/base/clock.h"
#include "tests/store/store_case.h"

namespace tests {
namespace {

class CopiedMessages : public StoreCase {
 protected:
  std::vector<store::CopyNote> notes() {
    std::vector<store::CopyNote> out;
    for (const auto& [key, value] : store_->get_states(store::kCopied))
      if (const auto note = store::CopyNote::of(key, value)) out.push_back(*note);
    return out;
  }
};

TEST_F(CopiedMessages, AreNotedOnceTheyAreAskedForAlsoLater) {
  open();
  ASSERT_TRUE(store_->create(imap::MailboxName("there")));
  const auto uids = append(*mailbox(), 4);
  const auto copy = [&](std::size_t i) { return mailbox()->copy_to(imap::UidSet::of(uids[i]), *mailbox("there")); };
  ASSERT_TRUE(copy(0));
  EXPECT_TRUE(notes().empty());
  store_->note_copies();
  ASSERT_TRUE(copy(1));
  reopen();
  const auto moved = mailbox()->move_to(set_of({uids[2], uids[3]}), *mailbox("there"));
  ASSERT_TRUE(moved);
  const auto here = mailbox()->status().mailbox_id, there = mailbox("there")->status().mailbox_id;
  const auto found = notes();
  ASSERT_EQ(found.size(), 3u);
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_EQ(found[i + 1].copy, (store::CopyNote::Place{there, moved->to[i]}));
    EXPECT_EQ(found[i + 1].original, (store::CopyNote::Place{here, uids[i + 2]}));
  }
}

TEST_F(CopiedMessages, AreForgottenWhenNobodyAsksForThem) {
  open();
  store_->note_copies();
  const auto now = base::unix_now();
  store::StateBatch batch;
  for (const auto& note : {store::CopyNote{{"a", imap::Uid(1)}, {"b", imap::Uid(2)}, now},
                           store::CopyNote{{"a", imap::Uid(2)}, {"b", imap::Uid(3)}, now - 31 * 24 * 3600}})
    batch.put(note.key(), note.value());
  batch.put(std::string(store::kCopied) + "a 3", "damaged");
  store_->put_state(batch);
  reopen();
  ASSERT_EQ(notes().size(), 1u);
  EXPECT_EQ(notes().front().copy.uid, imap::Uid(1));
  EXPECT_EQ(store_->get_states(store::kCopied).size(), 1u);
}

TEST(CopyNote, WhatIsNoneIsNotRead) {
  const store::CopyNote note{{"abc", imap::Uid(7)}, {"def", imap::Uid(8)}, 9};
  EXPECT_EQ(store::CopyNote::of(note.key(), note.value()), note);
  for (const char* key : {"copied/", "copied/a", "copied/a 0", "copied/a x", "copied/a 1 ", "copied/ 1", "other/a 1"})
    EXPECT_FALSE(store::CopyNote::of(key, note.value())) << key;
  for (const char* value : {"", "b", "b 1", "b 0 1", "b 1 x", "b 1 1x", "b 99999999999 1"})
    EXPECT_FALSE(store::CopyNote::of(note.key(), value)) << value;
}

}  // namespace
}  // namespace tests
