// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// What others do to files, seen by the names that the kernel tells, by reading directories, or not read at all where
// nothing can have changed. How often a directory was read is in the log.
#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <fstream>
#include <set>
#include <thread>

#include "proto/base/clock.h"
#include "proto/base/log.h"
#include "tests/store/store_case.h"

namespace tests {
namespace {

namespace fs = std::filesystem;

class Foreign : public StoreCase {
 public:
  ~Foreign() override {
    store_.reset();
    base::set_log_level(base::LogLevel::Info);
    base::set_log_file("/dev/stderr");
  }

 protected:
  Foreign() {
    options_.watch = true;
    base::set_log_file((log_.path() / "log").string());
    base::set_log_level(base::LogLevel::Debug);
  }

  std::size_t readings() {
    std::ifstream in(log_.path() / "log");
    std::size_t count = 0;
    for (std::string line; std::getline(in, line);) count += line.find("directory read") != std::string::npos;
    return count;
  }
  // The directory's path of the one file of this mailbox.
  std::string only_file() {
    const auto files = maildir_files(directory());
    EXPECT_EQ(files.size(), 1u);
    return files.at(0);
  }
  void move_file(const std::string& from, const std::string& to) { fs::rename(directory() / from, directory() / to); }
  imap::FlagSet flags_of(store::Mailbox& box, imap::Uid uid) {
    const auto messages = box.messages(imap::UidSet::of(uid));
    if (messages.empty()) throw std::runtime_error("no message " + std::to_string(uid.value));
    return messages[0].flags;
  }

  TempDirectory log_;
};

TEST_F(Foreign, AMailboxThatNobodyHoldsLeavesMemoryAndMissesNothing) {
  open();
  std::weak_ptr<store::Mailbox> watched;
  {
    const auto box = mailbox();
    append(*box, 2);
    watched = box;
    store_->drain_renames();
    EXPECT_EQ(store_->forget_unused(std::chrono::seconds(0)), 0u);
  }
  EXPECT_EQ(store_->forget_unused(std::chrono::hours(1)), 0u);
  EXPECT_FALSE(watched.expired());
  // Not before it is certain that a later change can be told by the directories' times.
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (!watched.expired() && std::chrono::steady_clock::now() < end) {
    store_->forget_unused(std::chrono::seconds(0));
    std::this_thread::yield();
  }
  ASSERT_TRUE(watched.expired());
  const auto before = readings();
  EXPECT_EQ(mailbox()->status().messages, 2u);
  EXPECT_EQ(readings(), before);
  while (store_->forget_unused(std::chrono::seconds(0)) == 0 && std::chrono::steady_clock::now() < end)
    std::this_thread::yield();
  deliver();
  const auto box = mailbox();
  EXPECT_EQ(box->status().messages, 3u);
  append(*box, 1);
  EXPECT_EQ(box->uids(), (std::vector{imap::Uid(1), imap::Uid(2), imap::Uid(3), imap::Uid(4)}));
  // It is watched again, once.
  deliver();
  while (box->status().messages < 5 && std::chrono::steady_clock::now() < end) std::this_thread::yield();
  EXPECT_EQ(box->status().messages, 5u);
}

TEST_F(Foreign, DeliveriesFlagsAndRemovalsAreSeenWithoutReadingTheDirectory) {
  open();
  const auto box = mailbox();
  const auto ours = append(*box, 3);
  store_->drain_renames();
  box->check();

  // A directory is read where the watch's thread meets a rename before the kernel has told of it: not three times.
  std::size_t read = 1;
  for (int round = 0; round < 3 && read > 0; ++round) {
    const auto before = readings();
    const auto name = deliver();
    box->check();
    ASSERT_EQ(box->uids().size(), 4u);
    const auto uid = box->uids().back();
    EXPECT_EQ(content_of(*box, uid), "Subject: foreign\r\n\r\ntext\r\n");

    move_file("new/" + name, "cur/" + name + ":2,S");
    box->check();
    EXPECT_TRUE(flags_of(*box, uid).has(imap::Flag::Seen));
    move_file("cur/" + name + ":2,S", "cur/" + name + ":2,FS");
    move_file("cur/" + name + ":2,FS", "cur/" + name + ":2,F");
    box->check();
    EXPECT_EQ(flags_of(*box, uid), imap::FlagSet{imap::Flag::Flagged});

    fs::remove(directory() / "cur" / (name + ":2,F"));
    box->check();
    EXPECT_EQ(box->uids(), ours);
    EXPECT_TRUE(box->changes_since(imap::ModSeq(0)).vanished.contains(uid));
    read = readings() - before;
  }
  EXPECT_EQ(read, 0u);
}

TEST_F(Foreign, TwoFilesOfOneNameAreTwoMessages) {
  make_maildir(directory());
  write_file(directory() / "cur" / "1000.one.host:2,S", "Subject: first\n\n");
  write_file(directory() / "new" / "1000.one.host", "Subject: second\n\n");
  open();
  const auto box = mailbox();
  box->check();
  ASSERT_EQ(box->uids().size(), 2u);
  write_file(directory() / "tmp" / "third", "Subject: third\n\n");
  move_file("tmp/third", "cur/1000.one.host:2,F");
  box->check();
  box->check();
  ASSERT_EQ(box->uids().size(), 3u);
  std::set<std::string> texts;
  for (const auto uid : box->uids()) texts.insert(content_of(*box, uid));
  EXPECT_EQ(texts,
            (std::set<std::string>{"Subject: first\r\n\r\n", "Subject: second\r\n\r\n", "Subject: third\r\n\r\n"}));
  const auto uids = box->uids();

  // A program that renames by link and unlink: for a moment both names are there.
  const auto files = maildir_files(directory());
  const auto& file = *std::ranges::find_if(files, [](const auto& f) { return f.ends_with(":2,F"); });
  fs::create_hard_link(directory() / file, directory() / (file.substr(0, file.find(':')) + ":2,FS"));
  box->check();
  EXPECT_EQ(box->uids(), uids);
  fs::remove(directory() / file);
  box->check();
  EXPECT_EQ(box->uids(), uids);
  EXPECT_EQ(maildir_files(directory()).size(), 3u);
}

TEST_F(Foreign, OurOwnChangesReadNothing) {
  open();
  const auto box = mailbox();
  ASSERT_TRUE(store_->create(imap::MailboxName("other")));
  const auto other = mailbox("other");
  store_->drain_renames();
  const auto before = readings();
  append(*box, 200);
  ASSERT_TRUE(box->change_flags(everything(), imap::FlagChange::Add, imap::FlagSet{imap::Flag::Flagged}));
  ASSERT_TRUE(box->copy_to(set_of(box->uids()), *other));
  store_->drain_renames();
  ASSERT_TRUE(box->change_flags(everything(), imap::FlagChange::Replace, imap::FlagSet{imap::Flag::Seen}));
  ASSERT_TRUE(box->move_to(imap::UidSet::between(imap::Uid(1), imap::Uid(100)), *other));
  store_->drain_renames();
  ASSERT_TRUE(other->remove(everything()));
  store_->drain_renames();
  box->check();
  other->check();
  EXPECT_EQ(box->uids().size(), 100u);
  EXPECT_EQ(readings(), before);
}

// What was expected once and did not come must not hide what others do later.
TEST_F(Foreign, NameThatWeWantedToGiveIsGivenByAnother) {
  open();
  const auto box = mailbox();
  const auto uid = append(*box, 1, imap::FlagSet{imap::Flag::Seen}).at(0);
  store_->drain_renames();
  const auto file = only_file();
  const auto base = file.substr(0, file.find(":2,"));
  // Somebody takes the file away before our rename finds it, and brings it back later with the flag that we wanted.
  move_file(file, "tmp/away");
  ASSERT_TRUE(box->change_flags(everything(), imap::FlagChange::Add, imap::FlagSet{imap::Flag::Flagged}));
  store_->drain_renames();
  box->check();
  EXPECT_TRUE(box->uids().empty());
  move_file("tmp/away", base + ":2,FS");
  box->check();
  ASSERT_EQ(box->uids().size(), 1u);
  EXPECT_GT(box->uids().at(0), uid);
  EXPECT_TRUE(flags_of(*box, box->uids().at(0)).has(imap::Flag::Flagged));
}

TEST_F(Foreign, RenameByLinkAndUnlink) {
  open();
  const auto box = mailbox();
  const auto uid = append(*box, 1, imap::FlagSet{imap::Flag::Seen}).at(0);
  store_->drain_renames();
  const auto file = only_file();
  fs::create_hard_link(directory() / file, directory() / (file + "F"));
  box->check();
  EXPECT_EQ(box->uids().size(), 1u);
  fs::remove(directory() / file);
  box->check();
  ASSERT_EQ(box->uids(), std::vector<imap::Uid>{uid});
  EXPECT_TRUE(flags_of(*box, uid).has(imap::Flag::Seen));
  EXPECT_EQ(content_of(*box, uid).substr(0, 8), "Subject:");
}

// As rsync brings them.
TEST_F(Foreign, NameWithADotIsNoMessageUntilItIsRenamed) {
  open();
  const auto box = mailbox();
  const auto hidden = directory() / "cur" / ".1700000000.a.host:2,S.X3kq9z",
             name = directory() / "cur" / "1700000000.a.host:2,S";
  write_file(hidden, "Subject: whole\n\ntext\n");
  box->check();
  EXPECT_TRUE(box->uids().empty());
  fs::rename(hidden, name);
  box->check();
  EXPECT_EQ(box->uids(), std::vector{imap::Uid(1)});
  EXPECT_TRUE(box->messages(everything()).at(0).complete);
  fs::rename(name, hidden);
  box->check();
  EXPECT_TRUE(box->uids().empty());
}

TEST_F(Foreign, FileMovedOutIsGone) {
  open();
  const auto box = mailbox();
  append(*box, 2, imap::FlagSet{imap::Flag::Seen});
  store_->drain_renames();
  move_file(maildir_files(directory()).at(0), "tmp/away");
  box->check();
  EXPECT_EQ(box->uids(), std::vector<imap::Uid>{imap::Uid(2)});
}

// A program that writes straight into cur/ and is not done when we look.
TEST_F(Foreign, FileThatGrowsIsMeasuredAgain) {
  for (const bool watched : {true, false}) {
    options_.watch = watched;
    const auto name = "box" + std::to_string(watched);
    open();
    ASSERT_TRUE(store_->create(imap::MailboxName(name)));
    const auto box = mailbox(name);
    box->check();
    std::ofstream out(directory(name) / "cur" / "1700000000.grows.host:2,");
    out << "Subject: half\n" << std::flush;
    box->check();
    ASSERT_EQ(box->uids().size(), 1u);
    EXPECT_EQ(box->size(), 15u);
    EXPECT_EQ(content_of(*box, imap::Uid(1)), "Subject: half\r\n");
    EXPECT_NE(box->reader()->envelope(imap::Uid(1)), nullptr);
    out << "To: a\n\ntext\n" << std::flush;
    out.close();
    box->check();
    EXPECT_EQ(box->size(), 15u + 7 + 2 + 6);
    // Somebody has read the half: the whole is another message.
    EXPECT_EQ(box->uids(), std::vector{imap::Uid(2)});
    EXPECT_EQ(std::string(*box->reader()->header(imap::Uid(2))), "Subject: half\r\nTo: a\r\n\r\n");
    store_.reset();
  }
}

// A tick of the clock that stamps directories: what changes after it can be told from what was before.
void let_directories_grow_old(const fs::path& maildir) {
  for (const char* part : {"cur", "new"})
    for (;;) {
      struct stat status{};
      ASSERT_EQ(::stat((maildir / part).c_str(), &status), 0);
      if (base::unix_micros() > status.st_ctim.tv_sec * 1'000'000 + status.st_ctim.tv_nsec / 1000 + 100'000) break;
      std::this_thread::yield();
    }
}

TEST_F(Foreign, NothingIsReadAtOpenWhereNothingChanged) {
  open();
  append(*mailbox(), 3);
  deliver();
  mailbox()->check();
  ASSERT_TRUE(mailbox()->change_flags(everything(), imap::FlagChange::Add, imap::FlagSet{imap::Flag::Flagged}));
  store_->drain_renames();
  let_directories_grow_old(directory());
  reopen();
  const auto before = readings();
  EXPECT_EQ(mailbox()->uids().size(), 4u);
  EXPECT_EQ(readings(), before);
  store_.reset();
  deliver();
  open();
  EXPECT_EQ(mailbox()->uids().size(), 5u);
  EXPECT_EQ(readings(), before + 1);
}

// The modification time of a directory can be set back, as backups do.
TEST_F(Foreign, ChangeUnderAnOldTimeIsSeenAtOpen) {
  open();
  append(*mailbox(), 3);
  store_->drain_renames();
  let_directories_grow_old(directory());
  store_.reset();
  struct stat status{};
  ASSERT_EQ(::stat((directory() / "new").c_str(), &status), 0);
  deliver();
  const timespec times[2] = {status.st_atim, status.st_mtim};
  ASSERT_EQ(::utimensat(AT_FDCWD, (directory() / "new").c_str(), times, 0), 0);
  open();
  EXPECT_EQ(mailbox()->uids().size(), 4u);
}

}  // namespace
}  // namespace tests
