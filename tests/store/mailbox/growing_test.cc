// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Files that other programs write into cur/ and new/ themselves: when they are complete, and what becomes of those who
// have read them before.
#include <fcntl.h>
#include <sys/stat.h>

#include <fstream>
#include <thread>

#include "store/maildir/foreign_file.h"
#include "tests/store/store_case.h"

namespace tests {
namespace {

namespace fs = std::filesystem;
using store::Writers;

TEST(ForeignFile, IsComplete) {
  constexpr std::int64_t kMinute = 60, kHour = 3600;
  struct Row {
    std::uint64_t size;
    Writers writers;
    bool was_closed;
    std::int64_t quiet;
    bool complete;
  };
  for (const auto& [size, writers, was_closed, quiet, complete] : {
           Row{100, Writers::None, false, 0, true},
           Row{100, Writers::Some, false, 10 * kMinute, false},
           Row{100, Writers::Some, true, 10 * kMinute, false},  // another one has it open
           Row{100, Writers::Some, false, kHour, true},
           Row{100, Writers::Unknown, false, 0, false},
           Row{100, Writers::Unknown, false, 29, false},
           Row{100, Writers::Unknown, true, 0, true},
           Row{100, Writers::Unknown, false, 30, true},
           Row{0, Writers::None, false, 0, false},
           Row{0, Writers::None, true, 0, false},
           Row{0, Writers::None, false, kMinute, true},
       })
    EXPECT_EQ(store::is_complete(size, writers, was_closed, quiet), complete)
        << size << ' ' << static_cast<int>(writers) << ' ' << was_closed << ' ' << quiet;
}

TEST(ForeignFile, WritersAreSeen) {
  const TempDirectory root;
  const auto path = root.path() / "file";
  std::ofstream writer(path);
  const auto reader = base::open_read(path);
  if (store::writers_of(reader.get()) == Writers::Unknown) GTEST_SKIP() << "this file system does not tell";
  EXPECT_EQ(store::writers_of(reader.get()), Writers::Some);
  writer.close();
  EXPECT_EQ(store::writers_of(reader.get()), Writers::None);
  std::ofstream again(path, std::ios::app);
  EXPECT_EQ(store::writers_of(reader.get()), Writers::Some);
}

class Growing : public StoreCase, public testing::WithParamInterface<bool> {
 protected:
  Growing() { options_.watch = GetParam(); }
  void SetUp() override { open(); }
  bool complete(store::Mailbox& box) { return box.messages(everything()).at(0).complete; }
  std::string text(store::Mailbox& box) { return content_of(box, box.uids().at(0)); }
};
INSTANTIATE_TEST_SUITE_P(Both, Growing, testing::Bool());

TEST_P(Growing, KeepsItsUidWhereNobodyHasReadIt) {
  const auto box = mailbox();
  std::ofstream out(directory() / "cur" / "1700000000.grows.host:2,FS");
  out << "Subject: half\n" << std::flush;
  box->check();
  ASSERT_EQ(box->uids(), std::vector{imap::Uid(1)});
  EXPECT_FALSE(complete(*box));
  const auto before = box->status().highest_modseq;
  out << "\nthe rest\n" << std::flush;
  box->check();
  EXPECT_FALSE(complete(*box));
  EXPECT_EQ(box->status().highest_modseq, before);
  bool told = false;
  const auto subscription = box->subscribe([&] { told = true; });
  out.close();
  box->check();
  EXPECT_TRUE(complete(*box) && told);
  EXPECT_EQ(box->uids(), std::vector{imap::Uid(1)});
  EXPECT_EQ(box->changes_since(before).changed.size(), 1u);  // the sync sees it
  EXPECT_EQ(text(*box), "Subject: half\r\n\r\nthe rest\r\n");
}

TEST_P(Growing, GetsANewUidWhereAPartOfItWasRead) {
  const auto box = mailbox();
  std::ofstream out(directory() / "new" / "1700000000.grows.host");
  out << "Subject: half\n" << std::flush;
  box->check();
  EXPECT_EQ(text(*box), "Subject: half\r\n");
  out << "\nthe rest\n";
  out.close();
  box->check();
  EXPECT_EQ(box->uids(), std::vector{imap::Uid(2)});
  EXPECT_EQ(text(*box), "Subject: half\r\n\r\nthe rest\r\n");
  EXPECT_TRUE(box->changes_since(imap::ModSeq(0)).vanished.contains(imap::Uid(1)));
  // So it stays, also without an index.
  reopen();
  EXPECT_EQ(mailbox()->uids(), std::vector{imap::Uid(2)});
  store_.reset();
  fs::remove_all(root_.path() / ".postern" / "index");
  open();
  EXPECT_EQ(mailbox()->uids(), std::vector{imap::Uid(2)});
}

TEST_P(Growing, KeepsItsUidWhereTheWholeWasRead) {
  const auto box = mailbox();
  std::ofstream out(directory() / "new" / "1700000000.grows.host");
  out << "Subject: whole\n\ntext\n" << std::flush;
  box->check();
  EXPECT_EQ(text(*box), "Subject: whole\r\n\r\ntext\r\n");
  out.close();
  box->check();
  EXPECT_EQ(box->uids(), std::vector{imap::Uid(1)});
  EXPECT_TRUE(complete(*box));
}

// What a name says of a size proves nothing.
TEST_P(Growing, SizesInItsNameDoNotMakeItComplete) {
  const auto box = mailbox();
  std::ofstream out(directory() / "cur" / "1700000000.grows.host,S=14,W=15:2,");
  out << "Subject: half\n" << std::flush;
  box->check();
  ASSERT_EQ(box->uids().size(), 1u);
  EXPECT_FALSE(complete(*box));
  EXPECT_EQ(box->messages(everything()).at(0).size, std::nullopt);
  out << "\nmore\n";
  out.close();
  box->check();
  EXPECT_TRUE(complete(*box));
  EXPECT_EQ(box->size(), 15u + 2 + 6);
}

TEST_P(Growing, MovedHereWhileItIsWritten) {
  const auto box = mailbox();
  std::ofstream out(directory() / "tmp" / "x");
  out << "Subject: half\n" << std::flush;
  fs::rename(directory() / "tmp" / "x", directory() / "cur" / "1700000000.moved.host:2,S");
  box->check();
  EXPECT_FALSE(complete(*box));
  out << "\ntext\n";
  out.close();
  box->check();
  EXPECT_TRUE(complete(*box));
}

TEST_P(Growing, ClosedFilesAreCompleteAtOnce) {
  const auto box = mailbox();
  write_file(directory() / "cur" / "1700000000.closed.host:2,S", "Subject: one\n\n");
  write_file(directory() / "tmp" / "x", "Subject: two\n\n");
  fs::create_hard_link(directory() / "tmp" / "x", directory() / "new" / "1700000001.linked.host");
  deliver();
  box->check();
  const auto messages = box->messages(everything());
  ASSERT_EQ(messages.size(), 3u);
  for (const auto& message : messages) EXPECT_TRUE(message.complete);
}

TEST_P(Growing, SurvivesARestart) {
  std::ofstream out(directory() / "cur" / "1700000000.grows.host:2,");
  out << "Subject: half\n" << std::flush;
  mailbox()->check();
  reopen();
  EXPECT_FALSE(complete(*mailbox()));
  out << "\ntext\n";
  out.close();
  reopen();
  EXPECT_TRUE(complete(*mailbox()));
  EXPECT_EQ(text(*mailbox()), "Subject: half\r\n\r\ntext\r\n");
}

// Nothing but the clock tells where nobody looks: the store does by itself.
TEST_P(Growing, IsSeenToBeCompleteWithoutBeingAskedFor) {
  const auto box = mailbox();
  std::ofstream out(directory() / "cur" / "1700000000.grows.host:2,");
  out << "Subject: half\n" << std::flush;
  box->check();
  out.close();
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (!complete(*box) && std::chrono::steady_clock::now() < end)
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  EXPECT_TRUE(complete(*box));
}

TEST_P(Growing, ItsCopyGrowsWithIt) {
  ASSERT_TRUE(store_->create(imap::MailboxName("to")));
  const auto box = mailbox(), to = mailbox("to");
  std::ofstream out(directory() / "cur" / "1700000000.grows.host:2,");
  out << "Subject: half\n" << std::flush;
  box->check();
  ASSERT_TRUE(box->copy_to(set_of(box->uids()), *to));
  EXPECT_FALSE(complete(*to));
  out << "\ntext\n";
  out.close();
  to->check();
  EXPECT_TRUE(complete(*to));
  EXPECT_EQ(text(*to), "Subject: half\r\n\r\ntext\r\n");
}

// A name of another program that tells a wrong size: what is sent is what was counted, from the first reading on.
TEST_P(Growing, WrongWireSizeInANameIsCorrectedByReading) {
  const std::string octets = "Subject: one\n\ntext\n";
  const auto size = std::to_string(octets.size());
  write_file(directory() / "cur" / ("1700000000.a.host,S=" + size + ",W=999:2,S"), octets);
  const auto box = mailbox();
  box->check();
  EXPECT_EQ(text(*box), "Subject: one\r\n\r\ntext\r\n");
  EXPECT_EQ(box->messages(everything()).at(0).size, 22u);
  reopen();
  EXPECT_EQ(mailbox()->messages(everything()).at(0).size, 22u);
  EXPECT_EQ(mailbox()->reader()->size(imap::Uid(1)), 22u);
}

}  // namespace
}  // namespace tests
