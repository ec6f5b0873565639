// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "sync/switch/local_mail.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <string>

#include "tests/support/temp_maildir.h"

namespace tests {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::IsEmpty;

class LocalMail : public testing::Test {
 protected:
  void make(const std::string& maildir, int messages = 1, const std::string& tail = "") {
    for (const auto* part : {"cur", "new", "tmp"}) fs::create_directories(root() / maildir / part);
    for (int i = 0; i < messages; ++i)
      std::ofstream(root() / maildir / "cur" / ("1700000000." + std::to_string(i) + tail + ":2,S")) << "x";
  }
  fs::path root() const { return directory_.path() / "Mail"; }
  TempDirectory directory_;
};

TEST_F(LocalMail, NothingYet) {
  EXPECT_EQ(mirror::look_at_local_mail(root()).messages, 0u);
  fs::create_directories(root());
  EXPECT_THAT(mirror::look_at_local_mail(root()).accounts, IsEmpty());
}

TEST_F(LocalMail, OfOneAccount) {
  make("Inbox", 3, ",U=1,FMD5=7e33429f656f1e6e9d79b29c3f82c57e");
  make("lists/one", 2);
  make("work");
  const auto found = mirror::look_at_local_mail(root());
  EXPECT_EQ(found.mailboxes, 3u);
  EXPECT_EQ(found.messages, 6u);
  EXPECT_THAT(found.accounts, IsEmpty());
  EXPECT_EQ(found.tool, "OfflineIMAP");
}

TEST_F(LocalMail, MailboxesWithoutInboxAreNoAccounts) {
  make("lists");
  make("sent");
  EXPECT_THAT(mirror::look_at_local_mail(root()).accounts, IsEmpty());
}

TEST_F(LocalMail, OfSeveralAccounts) {
  make("work/INBOX");
  make("home");  // Maildir++
  make("home/.Sent");
  make("other/inbox");
  std::ofstream(root() / "work/INBOX/.mbsyncstate") << "";
  const auto found = mirror::look_at_local_mail(root());
  EXPECT_THAT(found.accounts, ElementsAre(root() / "home", root() / "other", root() / "work"));
  EXPECT_EQ(found.tool, "mbsync");
}

TEST_F(LocalMail, OurOwnEmptyInboxMakesNoAccountOfThem) {
  make("work/INBOX");
  make("home");
  make("home/.Sent");
  make("INBOX", 0);
  EXPECT_THAT(mirror::accounts_below(root()), ElementsAre(root() / "home", root() / "work"));
  make("INBOX", 1);
  EXPECT_THAT(mirror::accounts_below(root()), IsEmpty());
}

TEST_F(LocalMail, MailboxesInMailboxesOfAnEmptyAccount) {
  make("INBOX", 0);
  make("lists");  // mbsync's Legacy
  make("lists/.debian");
  make("archive/2020");
  EXPECT_THAT(mirror::accounts_below(root()), IsEmpty());
}

TEST_F(LocalMail, AccountsFurtherBelow) {
  make("accounts/job/INBOX");
  make("accounts/home/INBOX");
  EXPECT_THAT(mirror::accounts_below(root()), ElementsAre(root() / "accounts/home", root() / "accounts/job"));
}

TEST_F(LocalMail, LinksInACircle) {
  make("INBOX");
  fs::create_directory_symlink(root(), root() / "circle");
  EXPECT_EQ(mirror::look_at_local_mail(root()).messages, 1u);
}

}  // namespace
}  // namespace tests
