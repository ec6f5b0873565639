// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Sizes: told by our own names, counted on first need where others brought the files.
#include <fcntl.h>
#include <sys/stat.h>

#include "proto/base/fail_point.h"
#include "tests/store/store_case.h"

namespace tests {
namespace {

class Sizes : public StoreCase {
 protected:
  void bring(const std::string& name, std::string_view text) {
    const auto path = directory() / "cur" / name;
    write_file(path, text);
    const timespec times[2] = {{1'000'000'000, 0}, {1'000'000'000, 0}};
    ASSERT_EQ(::utimensat(AT_FDCWD, path.c_str(), times, 0), 0);
  }
  std::optional<std::uint64_t> known(std::uint32_t uid) {
    return mailbox()->messages(imap::UidSet::of(imap::Uid(uid))).at(0).size;
  }
};

TEST_F(Sizes, OfForeignFilesAreCountedOnFirstNeedAndKept) {
  make_maildir(directory());
  bring("1.a.host:2,", "Subject: one\n\ntext\n");
  bring("2.b.host:2,", "Subject: two\r\n\r\ntext\r\n");
  bring("3.c.host,S=20,W=23:2,", "Subject: three\n\ntext\n");  // false: not its size
  bring("4.d.host,S=20,W=23:2,", "Subject: four\n\nbody\n");
  open();
  EXPECT_EQ(known(1), std::nullopt);
  EXPECT_EQ(known(3), std::nullopt);
  EXPECT_EQ(known(4), 23u);
  {
    const auto reader = mailbox()->reader();
    EXPECT_EQ(reader->size(imap::Uid(1)), 22u);
    EXPECT_EQ(reader->size(imap::Uid(2)), 22u);
    EXPECT_EQ(reader->size(imap::Uid(3)), 24u);
    EXPECT_EQ(reader->size(imap::Uid(9)), std::nullopt);
  }
  EXPECT_EQ(known(1), 22u);
  reopen();
  EXPECT_EQ(known(1), 22u);
  EXPECT_EQ(known(3), 24u);
  EXPECT_EQ(mailbox()->size(), 22u + 22 + 24 + 23);
}

// By a migration, or a delivery agent that counts otherwise. What is sent is the text, and has the size that is told.
TEST_F(Sizes, AWrongWireSizeInANameIsNotBelieved) {
  make_maildir(directory());
  const std::string file = "Subject: one\n\ntext\n", text = "Subject: one\r\n\r\ntext\r\n";  // 19 and 22 octets
  const char* const names[] = {"1.a.host,S=19,W=10:2,", "2.a.host,S=19,W=4000000:2,", "3.a.host,S=19,W=0:2,",
                               "4.a.host,W=20:2,",      "5.a.host,S=19,W=21:2,",      "6.a.host,W=23,S=19:2,"};
  for (const auto* name : names) bring(name, file);
  open();
  for (std::uint32_t uid = 1; uid <= std::size(names); ++uid) {
    const auto found = mailbox()->reader()->section(imap::Uid(uid), {});
    ASSERT_TRUE(found);
    std::string sent;
    found->octets.append_to(sent, 0, found->octets.size());
    EXPECT_EQ(found->octets.size(), sent.size()) << names[uid - 1];
    EXPECT_EQ(sent, text) << names[uid - 1];
    EXPECT_EQ(mailbox()->reader()->size(imap::Uid(uid)), text.size()) << names[uid - 1];
    EXPECT_EQ(known(uid), text.size()) << names[uid - 1];
  }
  reopen();
  EXPECT_EQ(mailbox()->size(), text.size() * std::size(names));
}

TEST_F(Sizes, AreKnownToSearchAndSum) {
  make_maildir(directory());
  bring("1.a.host:2,", "Subject: one\n\ntext\n");
  bring("2.b.host:2,", "Subject: two\n\nmore text\n");
  open();
  imap::SearchKey key;
  key.kind = imap::SearchKey::Kind::Larger;
  key.number = 22;
  EXPECT_EQ(mailbox()->search(key, everything()), std::vector{imap::Uid(2)});
  EXPECT_EQ(known(2), 27u);
  const auto ours = append(*mailbox(), 1);
  EXPECT_EQ(mailbox()->size(), 22u + 27 + known(ours.at(0).value).value());
}

// A text that is read tells the size too: each file is read once.
TEST_F(Sizes, AreCountedWhereATextIsRead) {
  make_maildir(directory());
  bring("1.a.host:2,", "Subject: one\n\ntext\n");
  open();
  ASSERT_TRUE(mailbox()->reader()->header(imap::Uid(1)));
  EXPECT_EQ(known(1), 22u);
}

// A full disk can be read: sizes that cannot be kept are told all the same.
TEST_F(Sizes, AreToldWhereTheDiskIsFull) {
  constexpr std::uint32_t kMessages = 1100;  // more than are kept at once
  make_maildir(directory());
  for (std::uint32_t i = 0; i < kMessages; ++i) bring(std::to_string(1000 + i) + ".a.host:2,", "Subject: x\n\ntext\n");
  open();
  const auto box = mailbox();
  base::FailPoint::arm(base::FailPoint::Mode::DiskFull, 1);
  std::uint64_t sum = 0;
  {
    const auto reader = box->reader();
    for (const auto uid : box->uids()) sum += reader->size(uid).value_or(0);
  }
  EXPECT_GT(base::FailPoint::disarm(), 0);
  EXPECT_EQ(sum, 20u * kMessages);
  EXPECT_EQ(box->size(), 20u * kMessages);
}

}  // namespace
}  // namespace tests
