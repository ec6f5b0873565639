// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// InterIMAP's database: what it says, and what is wrong with it.
#include "sync/interimap/interimap_database.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

namespace tests {
namespace {

using mirror::MailboxPath;
using mirror::read_interimap_database;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

// The tables of InterIMAP 0.5.7.
constexpr const char* kTables =
    "CREATE TABLE mailboxes (idx INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, mailbox BLOB COLLATE BINARY NOT NULL "
    "CHECK "
    "(mailbox != '') UNIQUE, subscribed BOOLEAN NOT NULL);"
    "CREATE TABLE local (idx INTEGER NOT NULL PRIMARY KEY REFERENCES mailboxes(idx), UIDVALIDITY UNSIGNED INT NOT "
    "NULL, "
    "UIDNEXT UNSIGNED INT NOT NULL, HIGHESTMODSEQ UNSIGNED BIGINT NOT NULL);"
    "CREATE TABLE remote (idx INTEGER NOT NULL PRIMARY KEY REFERENCES mailboxes(idx), UIDVALIDITY UNSIGNED INT NOT "
    "NULL, "
    "UIDNEXT UNSIGNED INT NOT NULL, HIGHESTMODSEQ UNSIGNED BIGINT NOT NULL);"
    "CREATE TABLE mapping (idx INTEGER NOT NULL REFERENCES mailboxes(idx), lUID UNSIGNED INT NOT NULL, rUID UNSIGNED "
    "INT "
    "NOT NULL, PRIMARY KEY (idx,lUID), UNIQUE (idx,rUID));";
constexpr const char* kMail =
    "INSERT INTO mailboxes VALUES (1, CAST('INBOX' AS BLOB), 1);"
    "INSERT INTO mailboxes VALUES (2, X'6C697374730026414F6B2D78', 0);"
    "INSERT INTO mailboxes VALUES (3, CAST('new' AS BLOB), 1);"
    "INSERT INTO local VALUES (1, 11, 8, -2); INSERT INTO remote VALUES (1, 4294967295, 90, 77);"
    "INSERT INTO local VALUES (2, 12, 1, 1); INSERT INTO remote VALUES (2, 22, 1, 1);"
    "INSERT INTO mapping VALUES (1, 7, 80); INSERT INTO mapping VALUES (1, 2, 89);";

class InterImapDatabase : public testing::Test {
 protected:
  InterImapDatabase() {
    std::string name = "/tmp/interimap-XXXXXX";
    directory_ = ::mkdtemp(name.data());
    file_ = directory_ / "example.org.db";
  }
  ~InterImapDatabase() override { std::filesystem::remove_all(directory_); }

  void make(const std::string& statements, int version = 1) {
    run(kTables + statements + "PRAGMA user_version = " + std::to_string(version) + ";");
  }
  void run(const std::string& statements) {
    sqlite3* database = nullptr;
    ASSERT_EQ(::sqlite3_open(file_.c_str(), &database), SQLITE_OK);
    ASSERT_EQ(::sqlite3_exec(database, statements.c_str(), nullptr, nullptr, nullptr), SQLITE_OK)
        << ::sqlite3_errmsg(database);
    ::sqlite3_close(database);
  }
  std::string octets() const {
    std::ostringstream out;
    out << std::ifstream(file_).rdbuf();
    return out.str();
  }
  void put(const std::string& text, const char* end = "") const { std::ofstream(file_.string() + end) << text; }
  void expect_refused(base::Reason reason, const std::string& text) const {
    const auto before = octets();
    const auto read = read_interimap_database(file_);
    ASSERT_FALSE(read) << text;
    EXPECT_EQ(read.error().reason, reason) << read.error().text;
    EXPECT_THAT(read.error().text, HasSubstr(text));
    EXPECT_THAT(read.error().text, HasSubstr(file_.string()));
    EXPECT_EQ(octets(), before);
  }

  std::filesystem::path directory_, file_;
};

TEST_F(InterImapDatabase, MailboxesAndPairs) {
  make(kMail);
  const auto before = octets();
  const auto read = read_interimap_database(file_);
  ASSERT_TRUE(read) << read.error().text;
  ASSERT_EQ(read->size(), 3u);
  const auto& inbox = read->at(0);
  EXPECT_EQ(inbox.path, MailboxPath("INBOX"));
  EXPECT_TRUE(inbox.subscribed);
  EXPECT_EQ(inbox.local, (mirror::SideState{imap::UidValidity(11), imap::Uid(8), imap::ModSeq(0xfffffffffffffffe), 0}));
  EXPECT_EQ(inbox.remote, (mirror::SideState{imap::UidValidity(0xffffffff), imap::Uid(90), imap::ModSeq(77), 0}));
  EXPECT_THAT(inbox.pairs, ElementsAre(Pair(imap::Uid(2), imap::Uid(89)), Pair(imap::Uid(7), imap::Uid(80))));
  EXPECT_EQ(read->at(1).path, MailboxPath(std::string("lists\0\xc3\xa9x", 9))) << read->at(1).path.shown();
  EXPECT_EQ(read->at(2).local, mirror::SideState());
  EXPECT_EQ(octets(), before);
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(directory_), {}), 1);
}

TEST_F(InterImapDatabase, AFileWithNothingInIt) {
  put("");
  const auto read = read_interimap_database(file_);
  ASSERT_TRUE(read) << read.error().text;
  EXPECT_TRUE(read->empty());
}

TEST_F(InterImapDatabase, NoFile) { expect_refused(base::Reason::Configuration, "cannot be read: No such file"); }

TEST_F(InterImapDatabase, AnotherVersion) {
  make(kMail, 0);
  expect_refused(base::Reason::Corrupt, "by an InterIMAP before 0.5");
  run("PRAGMA user_version = 2;");
  expect_refused(base::Reason::Corrupt, "by a newer InterIMAP (version 2");
}

TEST_F(InterImapDatabase, NoDatabaseAtAll) {
  put("[remote]\nhost = example.org\n");
  expect_refused(base::Reason::Corrupt, "is damaged");
}

TEST_F(InterImapDatabase, CutOffAnywhere) {
  make(kMail);
  const auto whole = octets();
  for (std::size_t size = 1; size < whole.size(); size += 1111) {
    put(whole.substr(0, size));
    expect_refused(base::Reason::Corrupt, "is damaged");
  }
}

TEST_F(InterImapDatabase, APageOfZeros) {
  make(kMail);
  auto text = octets();
  for (std::size_t page = 4096; page + 4096 <= text.size(); page += 4096) {
    auto holed = text;
    holed.replace(page, 4096, 4096, '\0');
    put(holed);
    expect_refused(base::Reason::Corrupt, "is damaged");
  }
}

TEST_F(InterImapDatabase, WhatDoesNotFitTogether) {
  for (const auto* wrong : {"INSERT INTO mapping VALUES (9, 1, 1);", "INSERT INTO mapping VALUES (3, 1, 1);",
                            "INSERT INTO mapping VALUES (1, 0, 1);", "INSERT INTO mapping VALUES (1, 4294967296, 1);",
                            "INSERT INTO mapping VALUES (1, 'x', 1);", "UPDATE local SET UIDVALIDITY = 0;",
                            "INSERT INTO local VALUES (9, 1, 1, 1);", "DROP TABLE mapping;"}) {
    std::filesystem::remove(file_);
    make(std::string(kMail) + wrong);
    expect_refused(base::Reason::Corrupt, "is damaged");
  }
}

TEST_F(InterImapDatabase, NotWhollyWritten) {
  make(kMail);
  put("what was there before", "-journal");
  expect_refused(base::Reason::Corrupt, "not wholly written");
  put("", "-journal");
  EXPECT_TRUE(read_interimap_database(file_));
}

TEST_F(InterImapDatabase, InterImapIsRunning) {
  for (const auto* lock :
       {"PRAGMA locking_mode = EXCLUSIVE; SELECT * FROM mailboxes;", "BEGIN IMMEDIATE;", "BEGIN EXCLUSIVE;"}) {
    std::filesystem::remove(file_);
    make(kMail);
    int ready[2], done[2];
    ASSERT_EQ(::pipe(ready), 0);
    ASSERT_EQ(::pipe(done), 0);
    const auto child = ::fork();
    if (child == 0) {
      sqlite3* database = nullptr;
      char octet = 'x';
      ::sqlite3_open(file_.c_str(), &database);
      ::sqlite3_exec(database, lock, nullptr, nullptr, nullptr);
      const bool told = ::write(ready[1], &octet, 1) == 1 && ::close(done[1]) == 0 && ::read(done[0], &octet, 1) == 0;
      ::_exit(told ? 0 : 1);
    }
    char octet = 0;
    ASSERT_EQ(::read(ready[0], &octet, 1), 1);
    expect_refused(base::Reason::InUse, "in use by process " + std::to_string(child));
    for (const int one : {ready[0], ready[1], done[0], done[1]}) ::close(one);
    int status = 0;
    ::waitpid(child, &status, 0);
    EXPECT_EQ(status, 0);
    EXPECT_TRUE(read_interimap_database(file_));
  }
}

}  // namespace
}  // namespace tests
