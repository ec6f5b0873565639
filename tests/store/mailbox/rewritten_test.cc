// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// A message's file that another program writes anew is a new message.
#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <thread>

#include "tests/store/store_case.h"

namespace tests {
namespace {

namespace fs = std::filesystem;

class Rewritten : public StoreCase {
 protected:
  void SetUp() override {
    options_.watch = true;
    open();
    box_ = mailbox();
    write_file(directory() / "cur" / kName, "Subject: one\n\ntext\n");
    append(*box_, 1, imap::FlagSet{imap::Flag::Seen});
    box_->check();
    store_->drain_renames();
    box_->check();
    before_ = box_->uids();
    ASSERT_EQ(before_.size(), 2u);
  }
  fs::path foreign() const { return directory() / "cur" / kName; }
  fs::path ours() const {
    for (const auto& file : maildir_files(directory()))
      if (!file.ends_with(kName)) return directory() / file;
    throw std::runtime_error("no file of ours");
  }
  // One message has another UID and this text, the other is as it was.
  void expect_new(const std::string& text) {
    box_->check();
    const auto now = box_->uids();
    ASSERT_EQ(now.size(), 2u);
    EXPECT_NE(now, before_);
    EXPECT_GT(now.back(), before_.back());
    EXPECT_EQ(content_of(*box_, now.back()), text);
    EXPECT_EQ(box_->changes_since(imap::ModSeq(0)).vanished.contains(now.front()), false);
  }

  static constexpr const char* kName = "1700000000.a.host:2,S";
  std::shared_ptr<store::Mailbox> box_;
  std::vector<imap::Uid> before_;
};

TEST_F(Rewritten, InPlace) {
  write_file(foreign(), "Subject: two\n\nmore text\n");
  expect_new("Subject: two\r\n\r\nmore text\r\n");
}

TEST_F(Rewritten, InPlaceWithTheSameSizeInTheSameSecond) {
  write_file(foreign(), "Subject: two\n\ntext\n");
  expect_new("Subject: two\r\n\r\ntext\r\n");
}

TEST_F(Rewritten, WhatWeWroteOurselves) {
  write_file(ours(), "Subject: two\n\ntext\n");
  expect_new("Subject: two\r\n\r\ntext\r\n");
}

TEST_F(Rewritten, AppendedTo) {
  std::ofstream(foreign(), std::ios::app) << "more\n";
  expect_new("Subject: one\r\n\r\ntext\r\nmore\r\n");
}

TEST_F(Rewritten, AnotherFileUnderItsName) {
  write_file(directory() / "tmp" / "x", "Subject: other\n\ntext\n");
  fs::rename(directory() / "tmp" / "x", foreign());
  expect_new("Subject: other\r\n\r\ntext\r\n");
}

TEST_F(Rewritten, IsIncompleteUntilItIsClosed) {
  {
    std::ofstream out(foreign(), std::ios::app);
    out << "more\n" << std::flush;
    out.flush();
    deliver();  // so that somebody looks
    box_->check();
    const auto messages = box_->messages(everything());
    ASSERT_EQ(messages.size(), 3u);
    EXPECT_EQ(std::ranges::count(messages, false, &store::Message::complete), 1);
    out << "and more\n";
  }
  box_->check();
  for (const auto& message : box_->messages(everything())) EXPECT_TRUE(message.complete);
}

TEST_F(Rewritten, NotByTouchModeNamesAndOpening) {
  const timespec times[2] = {{1'000'000'000, 0}, {1'000'000'000, 0}};
  for (const auto& path : {foreign(), ours()}) {
    ASSERT_EQ(::utimensat(AT_FDCWD, path.c_str(), times, 0), 0);
    fs::permissions(path, fs::perms::owner_read | fs::perms::owner_write);
    std::ofstream(path, std::ios::app).flush();
    box_->check();
    const auto renamed = path.string() + "T";
    fs::rename(path, renamed);
    box_->check();
    fs::rename(renamed, path);
    box_->check();
  }
  EXPECT_EQ(box_->uids(), before_);
  ASSERT_TRUE(box_->change_flags(everything(), imap::FlagChange::Add, imap::FlagSet{imap::Flag::Flagged}));
  store_->drain_renames();
  box_->check();
  EXPECT_EQ(box_->uids(), before_);
}

// The watch may tell of its writing after a look has found it.
TEST_F(Rewritten, NotByWhatIsToldLateOfItsComing) {
  constexpr std::uint32_t kFiles = 200;
  const auto next = box_->status().uid_next;
  std::jthread writer([this] {
    for (std::uint32_t i = 0; i < kFiles; ++i)
      write_file(directory() / "cur" / (std::to_string(1'700'001'000 + i) + ".b.host:2,S"), "Subject: late\n\ntext\n");
  });
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (box_->uids().size() < before_.size() + kFiles && std::chrono::steady_clock::now() < end) box_->check();
  writer.join();
  box_->check();
  EXPECT_EQ(box_->uids().size(), before_.size() + kFiles);
  EXPECT_EQ(box_->status().uid_next.value, next.value + kFiles);
}

TEST_F(Rewritten, WhileTheStoreWasClosed) {
  const auto other = ours();
  box_.reset();
  store_.reset();
  std::ofstream(foreign(), std::ios::app) << "more\n";
  std::ofstream(other, std::ios::app) << "more\n";
  open();
  box_ = mailbox();
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (box_->uids().front() == before_.front() && std::chrono::steady_clock::now() < end)
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  const auto now = box_->uids();
  ASSERT_EQ(now.size(), 2u);
  EXPECT_GT(now.front(), before_.back());
}

}  // namespace
}  // namespace tests
