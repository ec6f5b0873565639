// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Messages that arrive as files of the store: taken over as they lie, and nothing left of them.
#include <sys/stat.h>

#include "proto/mail/digest.h"
#include "store/spool.h"
#include "tests/store/store_case.h"

namespace tests {
namespace {

namespace fs = std::filesystem;

class Arrived : public StoreCase {
 protected:
  void SetUp() override { open(); }
  imap::Literal arrive(std::string_view text, std::size_t piece = 7) {
    const auto spool = store::spool_in_store(root_.path())();
    for (std::size_t at = 0; at < text.size(); at += piece) spool->write(text.substr(at, piece));
    return imap::Literal(spool->finish());
  }
  std::size_t arrivals() const {
    std::error_code none;
    std::size_t out = 0;
    for (auto it = fs::directory_iterator(root_.path() / ".postern/tmp", none); it != fs::directory_iterator(); ++it)
      ++out;
    return out;
  }
  static ino_t inode(const fs::path& path) {
    struct stat status{};
    return ::stat(path.c_str(), &status) == 0 ? status.st_ino : 0;
  }
  static std::string id_of(std::string_view wire) {
    mail::Sha256 digest;
    digest.add(wire);
    return digest.finish();
  }
};

TEST_F(Arrived, IsTakenOverAsItLies) {
  std::vector<store::NewMessage> messages;
  messages.push_back({arrive("Subject: a\r\n\r\nb\r\n"), {}, 1000});
  const auto file = inode(fs::directory_iterator(root_.path() / ".postern/tmp")->path());
  const auto box = mailbox();
  const auto uids = box->append(messages);
  ASSERT_TRUE(uids);
  messages.clear();
  EXPECT_EQ(arrivals(), 0u);
  const auto path = directory() / maildir_files(directory()).at(0);
  EXPECT_EQ(inode(path), file) << "it was written again";
  EXPECT_EQ(read_file(path), "Subject: a\n\nb\n");
  EXPECT_NE(path.filename().string().find(",S=14,W=17,"), std::string::npos) << path;
  EXPECT_EQ(content_of(*box, uids->at(0)), "Subject: a\r\n\r\nb\r\n");
  EXPECT_EQ(box->messages(everything()).at(0).internal_date, 1000);
}

TEST_F(Arrived, IsOctetForOctetWhatCame) {
  const auto box = mailbox();
  for (const std::string text :
       {"a\r\nb\r\n", "a\nb\n", "a\r\nb\n", "a\r\nb\r", "\r", "\n", "a\r\rb\r\n", "a\r\n\r", "x", "a\r\nb\rc\r\nd\r\n"})
    for (const std::size_t piece : {1u, 2u, 3u, 100u}) {
      std::vector<store::NewMessage> messages;
      messages.push_back({arrive(text, piece), {}, 1000});
      EXPECT_EQ(messages[0].data.bytes(), text);
      EXPECT_EQ(messages[0].data.size(), text.size());
      const auto uids = box->append(messages);
      ASSERT_TRUE(uids);
      EXPECT_EQ(content_of(*box, uids->at(0)), text);
      EXPECT_EQ(box->reader()->content_id(uids->at(0)), id_of(text));
    }
  EXPECT_EQ(arrivals(), 0u);
}

// A message that is appended to two mailboxes, one after the other, is there twice.
TEST_F(Arrived, CanBeAppendedTwice) {
  ASSERT_TRUE(store_->create(imap::MailboxName("other")));
  std::vector<store::NewMessage> messages;
  messages.push_back({arrive("Subject: a\r\n\r\nb\r\n"), {}, 1000});
  for (const std::string name : {"INBOX", "other"}) {
    const auto uids = mailbox(name)->append(messages);
    ASSERT_TRUE(uids);
    EXPECT_EQ(content_of(*mailbox(name), uids->at(0)), "Subject: a\r\n\r\nb\r\n");
  }
}

// A mailbox on another file system gets a copy.
TEST_F(Arrived, IsCopiedToAnotherFileSystem) {
  const auto elsewhere = other_file_system(root_.path());
  if (!elsewhere) GTEST_SKIP() << "there is only one file system";
  const TempDirectory directory_elsewhere(*elsewhere);
  const auto& place = directory_elsewhere.path();
  for (const char* part : {"cur", "new", "tmp"}) fs::create_directory(place / part);
  fs::create_directory_symlink(place, directory("linked"));
  std::vector<store::NewMessage> messages;
  messages.push_back({arrive("Subject: a\r\n\r\nb\r\n"), {}, 1000});
  const auto box = mailbox("linked");
  const auto uids = box->append(messages);
  ASSERT_TRUE(uids);
  EXPECT_EQ(content_of(*box, uids->at(0)), "Subject: a\r\n\r\nb\r\n");
  EXPECT_EQ(box->reader()->content_id(uids->at(0)), id_of("Subject: a\r\n\r\nb\r\n"));
  EXPECT_TRUE(fs::is_empty(place / "tmp"));
  store_.reset();
}

TEST_F(Arrived, WhatAKilledProcessLeftIsForgotten) {
  store_.reset();
  fs::create_directories(root_.path() / ".postern/tmp");
  write_file(root_.path() / ".postern/tmp/1.x.host", "half");
  open();
  EXPECT_EQ(arrivals(), 0u);
}

TEST_F(Arrived, RefusedAppendsLeaveNothing) {
  const auto box = mailbox();
  {
    std::vector<store::NewMessage> messages;
    messages.push_back({arrive("Subject: a\r\n\r\nb\r\n"), {}, 1000});
    ASSERT_TRUE(store_->create(imap::MailboxName("gone")));
    const auto gone = mailbox("gone");
    ASSERT_TRUE(store_->remove(imap::MailboxName("gone")));
    EXPECT_FALSE(gone->append(messages));
  }
  EXPECT_EQ(arrivals(), 0u);
  EXPECT_TRUE(box->uids().empty());
}

}  // namespace
}  // namespace tests
