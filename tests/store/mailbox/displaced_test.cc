// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// A mailbox whose directory somebody else takes away or replaces while it is open: UIDs of one mailbox are never taken
// for those of another.
#include <atomic>
#include <filesystem>
#include <thread>

#include "proto/base/files.h"
#include "proto/base/log.h"
#include "tests/store/store_case.h"

namespace {

namespace fs = std::filesystem;

class Displaced : public tests::StoreCase {
 protected:
  void SetUp() override {
    open();
    ASSERT_TRUE(store_->create(imap::MailboxName("box")));
    box_ = mailbox("box");
    append(*box_, 3);
    store_->drain_renames();
    box_->check();
    validity_ = box_->status().uid_validity;
  }
  fs::path aside() const { return directory("aside"); }

  std::shared_ptr<store::Mailbox> box_;
  imap::UidValidity validity_;
};

TEST_F(Displaced, TakenAway) {
  bool told = false;
  const auto subscription = box_->subscribe([&] { told = true; });
  fs::remove_all(directory("box"));
  box_->check();
  EXPECT_TRUE(box_->is_deleted() && told);
  EXPECT_TRUE(box_->uids().empty());
  const auto refused = box_->expunge(std::nullopt);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().reason, base::Reason::NoSuchMailbox);
  EXPECT_FALSE(store_->open_mailbox(imap::MailboxName("box")));
  box_->check();
}

// Those who look meanwhile do not take it for somebody else's doing.
TEST_F(Displaced, DeletingItOurselvesIsNotLoggedAsTakenAway) {
  const auto log = root_.path() / ".postern" / "test-log";
  base::set_log_file(log);
  for (int round = 0; round < 40; ++round) {
    const imap::MailboxName name("gone" + std::to_string(round));
    ASSERT_TRUE(store_->create(name));
    const auto doomed = mailbox(name.utf8());
    std::atomic<bool> done = false;
    std::thread looks([&] {
      while (!done) doomed->check();
    });
    EXPECT_TRUE(store_->remove(name));
    done = true;
    looks.join();
    EXPECT_TRUE(doomed->is_deleted());
  }
  base::set_log_file("/dev/stderr");
  EXPECT_EQ(base::read_file(log).find("taken away"), std::string::npos) << base::read_file(log);
}

TEST_F(Displaced, ReplacedByAnotherMailbox) {
  fs::rename(directory("box"), aside());
  tests::make_maildir(directory("box"));
  deliver("box");
  box_->check();
  EXPECT_TRUE(box_->is_deleted());
  const auto another = mailbox("box");
  EXPECT_NE(another, box_);
  EXPECT_NE(another->status().uid_validity, validity_);
  EXPECT_EQ(another->uids(), std::vector<imap::Uid>{imap::Uid(1)});
  EXPECT_EQ(mailbox("aside")->status().uid_validity, validity_);
  EXPECT_EQ(mailbox("aside")->uids().size(), 3u);
}

// Nobody looked in between: whoever opens it next finds out.
TEST_F(Displaced, ReplacedBeforeItIsOpenedAgain) {
  fs::rename(directory("box"), aside());
  tests::make_maildir(directory("box"));
  const auto another = mailbox("box");
  EXPECT_TRUE(box_->is_deleted());
  EXPECT_FALSE(another->is_deleted());
  EXPECT_EQ(append(*another, 1), std::vector<imap::Uid>{imap::Uid(1)});
  reopen();
  EXPECT_EQ(mailbox("box")->uids().size(), 1u);
}

TEST_F(Displaced, ACopyThatIsPutBackIsTheSame) {
  const auto before = box_->uids();
  fs::copy(directory("box"), aside(), fs::copy_options::recursive);
  fs::remove_all(directory("box"));
  fs::rename(aside(), directory("box"));
  box_->check();
  EXPECT_FALSE(box_->is_deleted());
  EXPECT_EQ(mailbox("box"), box_);
  EXPECT_EQ(box_->uids(), before);
  EXPECT_EQ(box_->status().uid_validity, validity_);
}

TEST_F(Displaced, RenamedByUsIsTheSame) {
  ASSERT_TRUE(store_->rename(imap::MailboxName("box"), imap::MailboxName("fox")));
  box_->check();
  EXPECT_FALSE(box_->is_deleted());
  EXPECT_EQ(mailbox("fox"), box_);
}

}  // namespace
