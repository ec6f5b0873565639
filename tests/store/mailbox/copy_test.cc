// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// COPY and MOVE where files are missing or cannot be linked, and mailboxes that are links.
#include <sys/stat.h>
#include <unistd.h>

#include "tests/store/store_case.h"

namespace tests {
namespace {

namespace fs = std::filesystem;

class Transfer : public StoreCase {
 protected:
  void SetUp() override {
    open();
    ASSERT_TRUE(store_->create(imap::MailboxName("other")));
  }
  void remove_file_of(imap::Uid uid) {
    const auto end = ",U=" + std::to_string(uid.value);
    for (const auto& file : maildir_files(directory()))
      if (file.substr(0, file.find(":2,")).ends_with(end)) fs::remove(directory() / file);
  }
};

TEST_F(Transfer, MoveLeavesOutWhatIsGone) {
  const auto box = mailbox();
  append(*box, 4, imap::FlagSet{imap::Flag::Seen});
  remove_file_of(imap::Uid(2));
  const auto moved = box->move_to(imap::UidSet::between(imap::Uid(1), imap::Uid(3)), *mailbox("other"));
  ASSERT_TRUE(moved) << moved.error().text;
  EXPECT_EQ(moved->from, (std::vector<imap::Uid>{imap::Uid(1), imap::Uid(3)}));
  EXPECT_EQ(moved->to.size(), 2u);
  store_->drain_renames();
  EXPECT_EQ(box->uids(), std::vector<imap::Uid>{imap::Uid(4)});  // the one that is gone is told as gone
  EXPECT_EQ(mailbox("other")->uids(), moved->to);
  reopen();
  EXPECT_EQ(mailbox()->uids(), std::vector<imap::Uid>{imap::Uid(4)});
  EXPECT_EQ(mailbox("other")->uids(), moved->to);
  for (const auto uid : moved->to) EXPECT_NE(content_of(*mailbox("other"), uid), "");
}

TEST_F(Transfer, CopyIsWholeOrNot) {
  const auto box = mailbox();
  append(*box, 3, imap::FlagSet{imap::Flag::Seen});
  remove_file_of(imap::Uid(3));
  const auto copied = box->copy_to(everything(), *mailbox("other"));
  ASSERT_FALSE(copied);
  const auto again = box->copy_to(imap::UidSet::between(imap::Uid(1), imap::Uid(3)), *mailbox("other"));
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().reason, base::Reason::Expunged);
  store_->drain_renames();
  EXPECT_EQ(box->uids().size(), 2u);
  EXPECT_TRUE(mailbox("other")->uids().empty());
  EXPECT_TRUE(maildir_files(directory("other")).empty());
  reopen();
  EXPECT_TRUE(mailbox("other")->uids().empty());
}

TEST_F(Transfer, AllAreGone) {
  const auto box = mailbox();
  append(*box, 2);
  for (const auto& file : maildir_files(directory())) fs::remove(directory() / file);
  const auto moved = box->move_to(everything(), *mailbox("other"));
  ASSERT_TRUE(moved);
  EXPECT_TRUE(moved->to.empty());
  store_->drain_renames();
  EXPECT_TRUE(box->uids().empty());
}

// A mailbox that lies in another file system.
TEST_F(Transfer, BetweenFileSystems) {
  const auto elsewhere = other_file_system(root_.path());
  if (!elsewhere) GTEST_SKIP() << "there is only one file system";
  const TempDirectory directory_elsewhere(*elsewhere);
  const auto& place = directory_elsewhere.path();
  make_maildir(place);
  fs::create_directory_symlink(place, directory("linked"));
  imap::FlagSet flags{imap::Flag::Flagged};
  flags.add("word");
  const auto box = mailbox();
  append(*box, 2, flags);
  append(*box, 1);
  const auto text = content_of(*box, imap::Uid(1));
  const auto before = box->messages(everything());
  ASSERT_TRUE(box->copy_to(imap::UidSet::of(imap::Uid(1)), *mailbox("linked")));
  ASSERT_TRUE(box->move_to(imap::UidSet::between(imap::Uid(1), imap::Uid(3)), *mailbox("linked")));
  store_->drain_renames();
  reopen();
  EXPECT_TRUE(mailbox()->uids().empty());
  const auto after = mailbox("linked")->messages(everything());
  ASSERT_EQ(after.size(), 4u);
  EXPECT_EQ(after[1].flags, before[0].flags);
  EXPECT_EQ(after[1].internal_date, before[0].internal_date);
  EXPECT_EQ(after[3].flags, before[2].flags);
  EXPECT_EQ(content_of(*mailbox("linked"), imap::Uid(1)), text);
  EXPECT_EQ(content_of(*mailbox("linked"), imap::Uid(2)), text);
  ASSERT_TRUE(mailbox("linked")->move_to(everything(), *mailbox("other")));
  store_->drain_renames();
  EXPECT_EQ(mailbox("other")->uids().size(), 4u);
  EXPECT_TRUE(maildir_files(place).empty());
  EXPECT_TRUE(fs::is_empty(place / "tmp"));

  // Nothing is made outside the store.
  const auto made = store_->create(imap::MailboxName("linked/below"));
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().reason, base::Reason::InvalidName);
  EXPECT_FALSE(store_->rename(imap::MailboxName("other"), imap::MailboxName("linked/other")));
  EXPECT_FALSE(fs::exists(place / "below"));
  EXPECT_FALSE(fs::exists(place / "other"));
  store_.reset();
}

// A file can have only so many names.
TEST_F(Transfer, TooManyLinks) {
  const auto box = mailbox();
  append(*box, 1, imap::FlagSet{imap::Flag::Seen});
  const auto file = directory() / maildir_files(directory()).at(0);
  const auto heap = root_.path() / ".heap";
  fs::create_directory(heap);
  constexpr int kEnough = 70'000;  // ext4: 65,000
  int count = 0;
  while (count < kEnough && ::link(file.c_str(), (heap / std::to_string(count)).c_str()) == 0) ++count;
  if (count == kEnough) GTEST_SKIP() << "no limit here";
  ASSERT_EQ(errno, EMLINK);
  const auto copied = box->copy_to(imap::UidSet::of(imap::Uid(1)), *mailbox("other"));
  ASSERT_TRUE(copied) << copied.error().text;
  EXPECT_EQ(content_of(*mailbox("other"), imap::Uid(1)), content_of(*box, imap::Uid(1)));
}

}  // namespace
}  // namespace tests
