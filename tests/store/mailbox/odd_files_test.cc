// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Files and links that stand in the way: each costs what it holds itself, and nothing else.
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <thread>

#include "tests/store/store_case.h"

namespace tests {
namespace {

namespace fs = std::filesystem;
using imap::Flag;
using imap::FlagChange;

class OddFiles : public StoreCase {
 protected:
  ~OddFiles() override {
    store_.reset();
    if (is_nobody_) (void)::seteuid(0);
  }

  // Root may read everything.
  void become_nobody() {
    if (::geteuid() != 0) return;
    constexpr uid_t kNobody = 65534;
    ASSERT_EQ(::chown(root_.path().c_str(), kNobody, kNobody), 0);
    ASSERT_EQ(::seteuid(kNobody), 0);
    is_nobody_ = true;
  }
  std::string path_of(imap::Uid uid, const std::string& name = "INBOX") {
    const auto field = ",U=" + std::to_string(uid.value) + ":";
    for (const auto& path : maildir_files(directory(name)))
      if (path.find(field) != std::string::npos) return path;
    throw std::runtime_error("no file of " + std::to_string(uid.value));
  }
  static std::size_t ending(const std::vector<std::string>& paths, const std::string& end) {
    return static_cast<std::size_t>(
        std::ranges::count_if(paths, [&](const auto& path) { return path.ends_with(end); }));
  }

  bool is_nobody_ = false;
};

TEST_F(OddFiles, RenameThatCannotBeDoneHoldsUpNoOtherAndNotTheEnd) {
  open();
  auto box = mailbox();
  const auto uids = append(*box, 3, {Flag::Seen});
  auto in_the_way = path_of(uids[0]);
  in_the_way.insert(in_the_way.size() - 1, "F");
  fs::create_directories(directory() / in_the_way / "x");
  ASSERT_TRUE(box->change_flags(set_of(uids), FlagChange::Add, {Flag::Flagged}));
  append(*box, 1, {Flag::Deleted});
  ASSERT_TRUE(box->expunge({}));
  const auto before = std::chrono::steady_clock::now();
  store_->drain_renames();
  store_->drain_renames();
  const auto files = maildir_files(directory());
  EXPECT_EQ(ending(files, ":2,FS"), 3u);  // with what is in the way
  EXPECT_EQ(ending(files, ":2,T"), 0u);
  box.reset();
  store_.reset();
  EXPECT_LT(std::chrono::steady_clock::now() - before, std::chrono::minutes(1));
  fs::remove_all(directory() / in_the_way);
  open();
  for (const auto& message : mailbox()->messages(everything())) EXPECT_TRUE(message.flags.has(Flag::Flagged));
  store_->drain_renames();
  EXPECT_EQ(ending(maildir_files(directory()), ":2,FS"), 3u);
}

TEST_F(OddFiles, NameWithoutRoomForFlagsBecomesAnother) {
  open();
  const auto name = "1700000000." + std::string(255 - 11, 'x');
  write_file(directory() / "new" / name, "Subject: long\n\ntext\n");
  auto box = mailbox();
  box->check();
  const auto uids = box->uids();
  ASSERT_EQ(uids.size(), 1u);
  ASSERT_TRUE(box->change_flags(set_of(uids), FlagChange::Add, {Flag::Flagged}));
  store_->drain_renames();
  const auto files = maildir_files(directory());
  EXPECT_EQ(files.size(), 1u);
  EXPECT_EQ(ending(files, ",U=" + std::to_string(uids[0].value) + ":2,F"), 1u);
  box->check();
  EXPECT_EQ(box->uids(), uids);
  EXPECT_EQ(content_of(*box, uids[0]), "Subject: long\r\n\r\ntext\r\n");
  box.reset();
  store_.reset();
  fs::remove_all(root_.path() / ".postern" / "index");
  open();
  EXPECT_EQ(mailbox()->uids(), uids);
  EXPECT_TRUE(mailbox()->messages(everything()).at(0).flags.has(Flag::Flagged));
}

TEST_F(OddFiles, FileThatCannotBeReadIsLeftOutUntilItCan) {
  become_nobody();
  options_.watch = true;
  open();
  auto box = mailbox();
  const auto name = "1700000001.closed.host";
  write_file(directory() / "tmp" / name, "Subject: closed\n\ntext\n");
  fs::permissions(directory() / "tmp" / name, fs::perms::none);
  fs::rename(directory() / "tmp" / name, directory() / "new" / name);
  deliver();
  box->check();
  EXPECT_EQ(box->uids().size(), 1u);
  box.reset();
  store_.reset();
  fs::permissions(directory() / "new" / name, fs::perms::owner_read);  // which the directory's times do not tell
  open();
  box = mailbox();
  EXPECT_EQ(box->uids().size(), 2u);
  write_file(directory() / "tmp" / name, "Subject: closed again\n\ntext\n");
  fs::permissions(directory() / "tmp" / name, fs::perms::none);
  fs::rename(directory() / "tmp" / name, directory() / "new" / ("2" + std::string(name)));
  box->check();
  EXPECT_EQ(box->uids().size(), 2u);
  fs::permissions(directory() / "new" / ("2" + std::string(name)), fs::perms::owner_read);
  box->check();
  EXPECT_EQ(box->uids().size(), 3u);
}

TEST_F(OddFiles, MessageThatCannotBeReadIsStillThere) {
  become_nobody();
  open();
  auto box = mailbox();
  const auto uids = append(*box, 3, {Flag::Seen});
  fs::permissions(directory() / path_of(uids[0]), fs::perms::none);
  const auto second = directory() / path_of(uids[1]);
  fs::remove(second);
  ASSERT_EQ(::mkfifo(second.c_str(), 0600), 0);  // nobody waits for a writer
  const auto reader = box->reader();
  EXPECT_FALSE(reader->section(uids[0], imap::Section{}));
  EXPECT_EQ(reader->envelope(uids[0]), nullptr);
  EXPECT_FALSE(reader->section(uids[1], imap::Section{}));
  EXPECT_TRUE(reader->section(uids[2], imap::Section{}));
  EXPECT_EQ(box->uids(), uids);
}

TEST_F(OddFiles, LinkToAMailboxOfTheStoreIsNoOtherMailbox) {
  open();
  ASSERT_TRUE(store_->create(imap::MailboxName("a")));
  append(*mailbox("a"), 1);
  fs::create_directory_symlink("a", directory("b"));
  fs::create_directory_symlink(".", directory("c"));
  EXPECT_FALSE(store_->exists(imap::MailboxName("b")));
  EXPECT_FALSE(store_->open_mailbox(imap::MailboxName("b")));
  EXPECT_FALSE(store_->open_mailbox(imap::MailboxName("c/a")));
  EXPECT_FALSE(store_->create(imap::MailboxName("b")));
  EXPECT_FALSE(store_->remove(imap::MailboxName("b")));
  EXPECT_FALSE(store_->rename(imap::MailboxName("b"), imap::MailboxName("d")));
  EXPECT_EQ(store_->list().size(), 2u);
  EXPECT_EQ(mailbox("a")->uids().size(), 1u);
}

TEST_F(OddFiles, DirectoryWithTwoNamesIsOpenUnderOne) {
  const TempDirectory elsewhere;
  make_maildir(elsewhere.path());
  open();
  for (const char* name : {"a", "b"}) fs::create_directory_symlink(elsewhere.path(), directory(name));
  auto box = mailbox("b");
  append(*box, 1);
  EXPECT_FALSE(store_->open_mailbox(imap::MailboxName("a")));
  box.reset();
  reopen();
  EXPECT_EQ(mailbox("a")->uids().size(), 1u);
}

TEST_F(OddFiles, TimeToComeKeepsNoMailboxOpen) {
  options_.watch = true;
  open();
  const auto file = directory() / "new" / deliver();
  fs::last_write_time(file, fs::file_time_type::clock::now() + std::chrono::hours(1000));
  mailbox()->check();
  store_->drain_renames();
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  std::size_t forgotten = 0;
  while (forgotten == 0 && std::chrono::steady_clock::now() < end) {
    forgotten = store_->forget_unused(std::chrono::seconds(0));
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  EXPECT_EQ(forgotten, 1u);
}

}  // namespace
}  // namespace tests
