// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// What follows behind the answers: the worker's renames and unlinks, while other things happen.
#include <fcntl.h>
#include <sys/stat.h>

#include "tests/store/store_case.h"

namespace tests {
namespace {

namespace fs = std::filesystem;

class Behind : public StoreCase {};

// The worker is unlinking files of a mailbox when that goes as a whole.
TEST_F(Behind, MailboxIsDeletedWhileItsFilesAreUnlinked) {
  open();
  for (int round = 0; round < 40; ++round) {
    const imap::MailboxName name("box");
    ASSERT_TRUE(store_->create(name));
    const auto box = mailbox("box");
    const auto uids = append(*box, 200);
    ASSERT_TRUE(box->remove(set_of(uids)));
    ASSERT_TRUE(store_->remove(name));
    EXPECT_TRUE(box->is_deleted());
  }
  store_->drain_renames();
  EXPECT_FALSE(fs::exists(directory("box")));
  EXPECT_EQ(store_->list().size(), 1u);
}

void make_old(const fs::path& maildir) {
  const timespec times[2] = {{1000, 0}, {1000, 0}};
  for (const char* part : {"cur", "new"}) ASSERT_EQ(::utimensat(AT_FDCWD, (maildir / part).c_str(), times, 0), 0);
}

// What others do between our last look at a directory and the end of the worker's work there must be seen when the
// mailbox is opened the next time.
TEST_F(Behind, DeliveryBeforeTheWorkersEndIsSeenAtNextOpen) {
  open();
  const auto uids = append(*mailbox(), 2, imap::FlagSet{imap::Flag::Seen});
  reopen();
  ASSERT_EQ(mailbox()->uids().size(), 2u);
  for (const auto& file : maildir_files(directory())) fs::remove(directory() / file);
  deliver();
  make_old(directory());
  ASSERT_TRUE(mailbox()->remove(set_of(uids)));  // their files are gone already: the worker has nothing to unlink
  store_->drain_renames();
  reopen();
  EXPECT_EQ(mailbox()->uids().size(), 1u);
}

// Watches are being served, and work is under way, when the store ends.
TEST_F(Behind, StoreEndsWhileFilesChange) {
  options_.watch = true;
  for (int round = 0; round < 20; ++round) {
    open();
    const auto box = mailbox();
    append(*box, 20);
    deliver();
    ASSERT_TRUE(box->change_flags(everything(), imap::FlagChange::Replace,
                                  round % 2 == 0 ? imap::FlagSet{imap::Flag::Flagged} : imap::FlagSet{}));
    deliver();
    store_.reset();
  }
  open();
  EXPECT_EQ(mailbox()->uids().size(), 20u * 22);
}

}  // namespace
}  // namespace tests
