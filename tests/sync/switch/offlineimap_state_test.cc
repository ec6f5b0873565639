// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// OfflineIMAP's status, as text byte by byte, and as a database that SQLite has written.
#include "sync/switch/offlineimap_state.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>

#include <fstream>
#include <string>

#include "proto/base/files.h"
#include "tests/support/temp_maildir.h"

namespace tests {
namespace {

using imap::Flag;
using imap::Uid;
using mirror::parse_offlineimap_status;
using mirror::read_offlineimap_database;
using testing::ElementsAre;
using Entry = mirror::OfflineImapEntry;

const std::string kHead = "OFFLINEIMAP LocalStatus CACHE DATA - DO NOT MODIFY - FORMAT ";

TEST(OfflineImapStatus, OfBothFormats) {
  const auto two = parse_offlineimap_status(kHead + "2\n1|FS|0|\n4294967295||1700000000|a, b\n-1|S|0|\n7|Ra|0|\n");
  ASSERT_TRUE(two) << two.error().text;
  EXPECT_THAT(*two, ElementsAre(Entry{Uid(1), {Flag::Flagged, Flag::Seen}}, Entry{Uid(4294967295u), {}},
                                Entry{Uid(7), {Flag::Answered}}));
  const auto one = parse_offlineimap_status(kHead + "1\n1:FS\n2:\n");
  ASSERT_TRUE(one) << one.error().text;
  EXPECT_THAT(*one, ElementsAre(Entry{Uid(1), {Flag::Flagged, Flag::Seen}}, Entry{Uid(2), {}}));
}

TEST(OfflineImapStatus, DamagedOrHalfWritten) {
  for (const auto& text : {std::string(), kHead, kHead + "2", kHead + "3\n1|S|0|\n", kHead + "2\n1|S|0|",
                           kHead + "2\n1|S\n", kHead + "2\n1:S\n", kHead + "2\nx|S|0|\n", kHead + "2\n1|S|0||\n",
                           kHead + "2\n4294967296|S|0|\n", kHead + "2\n\n", std::string("FarUidValidity 1\n\n")})
    EXPECT_FALSE(parse_offlineimap_status(text)) << text;
}

class OfflineImapDatabase : public testing::Test {
 protected:
  void make(const std::string& commands) {
    sqlite3* database = nullptr;
    ASSERT_EQ(::sqlite3_open(file_.c_str(), &database), SQLITE_OK);
    ASSERT_EQ(::sqlite3_exec(database, commands.c_str(), nullptr, nullptr, nullptr), SQLITE_OK);
    ::sqlite3_close(database);
  }
  static constexpr const char* kTables =
      "CREATE TABLE metadata (key VARCHAR(50) PRIMARY KEY, value VARCHAR(128));"
      "CREATE TABLE status (id INTEGER PRIMARY KEY, flags VARCHAR(50), mtime INTEGER, labels VARCHAR(256));";
  std::string with(const std::string& version, const std::string& rows) {
    return std::string(kTables) + "INSERT INTO metadata VALUES('db_version', '" + version + "');" + rows;
  }
  TempDirectory directory_;
  const std::filesystem::path file_ = directory_.path() / "INBOX";
};

TEST_F(OfflineImapDatabase, IsRead) {
  make(with("2", "INSERT INTO status VALUES(1,'FS',0,''),(3,'',0,NULL),(-2,'S',0,'');"));
  const auto read = read_offlineimap_database(file_);
  ASSERT_TRUE(read) << read.error().text;
  EXPECT_THAT(*read, testing::UnorderedElementsAre(Entry{Uid(1), {Flag::Flagged, Flag::Seen}}, Entry{Uid(3), {}}));
}

TEST_F(OfflineImapDatabase, OfAnotherVersionOrProgram) {
  make(with("3", ""));
  EXPECT_FALSE(read_offlineimap_database(file_));
}

TEST_F(OfflineImapDatabase, OfAnotherProgram) {
  make("CREATE TABLE mapping (idx INTEGER);");
  EXPECT_FALSE(read_offlineimap_database(file_));
  EXPECT_FALSE(read_offlineimap_database(directory_.path() / "absent"));
  EXPECT_FALSE(std::filesystem::exists(directory_.path() / "absent"));
}

TEST_F(OfflineImapDatabase, CutOffOrWithAJournal) {
  std::string rows;
  for (int i = 1; i < 3000; ++i) rows += "INSERT INTO status VALUES(" + std::to_string(i) + ",'S',0,'');";
  make(with("2", "BEGIN;" + rows + "COMMIT;"));
  std::ofstream(file_.string() + "-journal") << "x";
  EXPECT_FALSE(read_offlineimap_database(file_));
  std::filesystem::remove(file_.string() + "-journal");
  ASSERT_TRUE(read_offlineimap_database(file_));
  std::filesystem::resize_file(file_, std::filesystem::file_size(file_) / 2);
  EXPECT_FALSE(read_offlineimap_database(file_));
  std::filesystem::resize_file(file_, 0);
  EXPECT_FALSE(read_offlineimap_database(file_));
}

}  // namespace
}  // namespace tests
