// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// The journal: records both ways, and its file: cut off at each octet, changed at each octet, full disk, lock, growth.
#include "sync/journal/journal.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <csignal>
#include <filesystem>
#include <map>

#include "tests/support/temp_maildir.h"

namespace tests {
namespace {

using mirror::Intent;
using mirror::Journal;
using mirror::MailboxRecord;
using mirror::Pair;
using mirror::Side;

class JournalFile : public testing::Test {
 protected:
  std::unique_ptr<mirror::JournalStorage> open() { return mirror::make_file_storage(file()); }
  std::filesystem::path file() const { return directory_.path() / "deep" / "journal"; }

  static void put(mirror::JournalStorage& storage, const std::string& key, const std::string& value) {
    store::StateBatch batch;
    batch.put(key, value);
    storage.write(batch, false);
  }
  static void erase(mirror::JournalStorage& storage, const std::string& key) {
    store::StateBatch batch;
    batch.erase(key);
    storage.write(batch, true);
  }
  static std::map<std::string, std::string> contents(mirror::JournalStorage& storage, const std::string& prefix = "") {
    std::map<std::string, std::string> out;
    storage.for_each(prefix, [&](std::string_view key, std::string_view value) { out.emplace(key, value); });
    return out;
  }

  TempDirectory directory_;
};

using Map = std::map<std::string, std::string>;

TEST_F(JournalFile, KeepsWhatWasWritten) {
  {
    const auto storage = open();
    put(*storage, "a", "1");
    put(*storage, "b", "");
    put(*storage, std::string("c\0c", 3), std::string("\0\n\xff", 3));
    put(*storage, "a", "2");
    put(*storage, "d", "4");
    erase(*storage, "d");
    erase(*storage, "never there");
  }
  const auto storage = open();
  const Map expected{{"a", "2"}, {"b", ""}, {std::string("c\0c", 3), std::string("\0\n\xff", 3)}};
  EXPECT_EQ(contents(*storage), expected);
  EXPECT_EQ(contents(*storage, "c").size(), 1u);
  EXPECT_EQ(contents(*storage, "x").size(), 0u);
}

TEST_F(JournalFile, OneProcessAtATime) {
  const auto first = open();
  try {
    open();
    FAIL() << "opened twice";
  } catch (const mirror::Failure& failure) {
    EXPECT_EQ(failure.reason, base::Reason::InUse);
  }
}

TEST_F(JournalFile, AFileOfSomebodyElseIsLeftAlone) {
  std::filesystem::create_directories(file().parent_path());
  write_file(file(), "SQLite format 3 and so on");
  try {
    open();
    FAIL() << "opened";
  } catch (const mirror::Failure& failure) {
    EXPECT_EQ(failure.reason, base::Reason::Corrupt);
  }
  EXPECT_EQ(read_file(file()), "SQLite format 3 and so on");
}

// Whole batches are there or not. Cut off, the last ones are missing; changed in its middle, one is, which is said, and
// the file is made whole. What is written afterwards is read again.
TEST_F(JournalFile, CutOffOrChangedAtEachOctet) {
  std::vector<std::size_t> ends;
  {
    const auto storage = open();
    for (int i = 0; i < 4; ++i) {
      put(*storage, "key" + std::to_string(i), "value");
      ends.push_back(std::filesystem::file_size(file()));
    }
  }
  const auto whole = read_file(file());
  const auto magic = whole.find('\n') + 1;
  for (std::size_t at = 0; at < whole.size(); ++at) {
    for (const bool cut : {true, false}) {
      auto text = cut ? whole.substr(0, at) : whole;
      if (!cut) text[at] = static_cast<char>(text[at] ^ 0x20);
      write_file(file(), text);
      const auto which = std::to_string(at) + (cut ? " cut" : " changed");
      try {
        auto storage = open();
        const auto before = static_cast<std::size_t>(std::ranges::count_if(ends, [&](auto end) { return end <= at; }));
        EXPECT_EQ(contents(*storage).size(), cut ? before : 3) << which;
        EXPECT_EQ(storage->unreadable() > 0, !cut && before < 3) << which;
        if (storage->unreadable() > 0) storage->mend({});
        put(*storage, "later", "1");
        storage.reset();
        storage = open();
        EXPECT_EQ(storage->unreadable(), 0u) << which;
        EXPECT_EQ(contents(*storage).size(), cut ? before + 1 : 4) << which;
      } catch (const mirror::Failure& failure) {
        EXPECT_EQ(failure.reason, base::Reason::Corrupt);
        EXPECT_LT(at, magic) << failure.what();
      }
    }
  }
}

// A disk that was full for a moment: what is written when there is room again is not lost behind half a batch.
TEST_F(JournalFile, FullDisk) {
  ::signal(SIGXFSZ, SIG_IGN);
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  {
    const auto storage = open();
    put(*storage, "first", "1");
    const auto limit = rlimit{std::filesystem::file_size(file()) + 20, before.rlim_max};
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &limit), 0);
    EXPECT_THROW(put(*storage, "second", std::string(100, 'x')), std::system_error);
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &before), 0);
    EXPECT_EQ(contents(*storage).size(), 1u);
    put(*storage, "third", "3");
  }
  const Map expected{{"first", "1"}, {"third", "3"}};
  EXPECT_EQ(contents(*open()), expected);
}

TEST_F(JournalFile, IsWrittenAnewWhenMostOfItIsPast) {
  {
    const auto storage = open();
    for (int i = 0; i < 3000; ++i) put(*storage, "key" + std::to_string(i % 3), std::string(50, 'x'));
  }
  EXPECT_GT(std::filesystem::file_size(file()), 100'000u);
  EXPECT_EQ(contents(*open()).size(), 3u);
  EXPECT_LT(std::filesystem::file_size(file()), 1000u);
  EXPECT_EQ(contents(*open()).size(), 3u);
}

mirror::SideState state(std::uint32_t n) {
  return {imap::UidValidity(n), imap::Uid(n + 1), imap::ModSeq((1ull << 40) + n), n + 2};
}

TEST_F(JournalFile, RecordsComeBackAsTheyWere) {
  imap::FlagSet flags{imap::Flag::Seen, imap::Flag::Draft};
  flags.add("$Junk");
  flags.add("later");
  const Pair pair{imap::Uid(0xfffffffe), imap::Uid(7), flags, 0x00ff'0000'0000'2000};
  const Pair unmarked{imap::Uid(4), imap::Uid(8), flags};
  const Intent there{Side::Remote, imap::Uid(5), imap::Uid(9), 1ull << 33, std::string(32, '\0'), flags};
  const Intent here{Side::Local, imap::Uid(5), imap::Uid(1), 0, std::string(32, '\xff'), {}};
  MailboxRecord one, two;
  {
    Journal journal(open(), "account");
    EXPECT_TRUE(journal.mailboxes().empty());
    one = journal.add_mailbox(mirror::MailboxPath(std::string("a\0b/c ", 6)));
    two = journal.add_mailbox(mirror::MailboxPath("INBOX"));
    EXPECT_NE(one.number, two.number);
    one.local = state(10);
    one.remote = state(20);
    one.subscribed = true;
    store::StateBatch batch;
    journal.put_mailbox(batch, one);
    journal.put_mailbox(batch, two);
    journal.put_pair(batch, one.number, pair);
    journal.put_pair(batch, one.number, unmarked);
    journal.put_pair(batch, two.number, {imap::Uid(1), imap::Uid(1), {}});
    journal.put_intent(batch, one.number, there);
    journal.put_intent(batch, one.number, here);
    journal.commit(batch, true);
    journal.put_note("last", "all is well");
  }
  Journal journal(open(), "account");
  const auto mailboxes = journal.mailboxes();
  ASSERT_EQ(mailboxes.size(), 2u);
  EXPECT_EQ(mailboxes[0], one);
  EXPECT_EQ(mailboxes[1], two);
  const auto pairs = journal.pairs(one.number);
  ASSERT_EQ(pairs.size(), 2u);
  EXPECT_EQ(*pairs.find(Side::Remote, imap::Uid(7)), pair);
  EXPECT_EQ(*pairs.find(Side::Remote, imap::Uid(8)), unmarked);
  EXPECT_THAT(journal.intents(one.number), testing::UnorderedElementsAre(there, here));
  EXPECT_TRUE(journal.intents(two.number).empty());
  EXPECT_EQ(journal.note("last"), "all is well");
  EXPECT_EQ(journal.note("las"), "");

  journal.forget_mailbox(one.number);
  EXPECT_EQ(journal.mailboxes().size(), 1u);
  EXPECT_TRUE(journal.pairs(one.number).empty());
  EXPECT_TRUE(journal.intents(one.number).empty());
  EXPECT_EQ(journal.pairs(two.number).size(), 1u);
  EXPECT_NE(journal.add_mailbox(one.path).number, two.number);
}

TEST_F(JournalFile, AccountsDoNotSeeEachOther) {
  std::shared_ptr<mirror::JournalStorage> storage = open();
  struct Shared final : mirror::JournalStorage {
    explicit Shared(std::shared_ptr<JournalStorage> s) : storage(std::move(s)) {}
    void for_each(std::string_view prefix, const std::function<void(std::string_view, std::string_view)>& f) override {
      storage->for_each(prefix, f);
    }
    void write(const store::StateBatch& batch, bool durable) override { storage->write(batch, durable); }
    std::shared_ptr<JournalStorage> storage;
  };
  Journal a(std::make_unique<Shared>(storage), "a"), aa(std::make_unique<Shared>(storage), "aa");
  store::StateBatch batch;
  a.put_mailbox(batch, a.add_mailbox(mirror::MailboxPath("INBOX")));
  a.commit(batch, false);
  EXPECT_EQ(a.mailboxes().size(), 1u);
  EXPECT_TRUE(aa.mailboxes().empty());
}

// The bytes of 0.1 are read for ever; those of now are these.
TEST_F(JournalFile, HeldMessagesAreTheseBytes) {
  const std::string prefix("sync/a\0h\0\0\0\7", 12);
  const auto key = [&](char side, char uid) { return prefix + side + std::string("\0\0\0", 3) + uid; };
  {
    const auto storage = open();
    put(*storage, key(0, 1), std::string("\0", 1) + "too big");
    put(*storage, key(1, 2), "\1lost");
    put(*storage, key(1, 3), std::string("\2\0\0\0\3\0\0\0\0\0\0\1\4", 13) + "no");
  }
  Journal journal(open(), "a");
  const auto held = journal.held(7);
  using Kind = mirror::Held::Kind;
  const mirror::HeldMessages expected{{{Side::Local, imap::Uid(1)}, {Kind::Refused, "too big", 0, 0}},
                                      {{Side::Remote, imap::Uid(2)}, {Kind::Lost, "lost", 0, 0}},
                                      {{Side::Remote, imap::Uid(3)}, {Kind::Refused, "no", 3, 260}}};
  EXPECT_EQ(held, expected);
  store::StateBatch batch;
  journal.put_held(batch, 7, Side::Remote, imap::Uid(3), held.at({Side::Remote, imap::Uid(3)}));
  ASSERT_EQ(batch.writes.size(), 1u);
  EXPECT_EQ(batch.writes.front().first, key(1, 3));
  EXPECT_EQ(batch.writes.front().second, std::string("\2\0\0\0\3\0\0\0\0\0\0\1\4", 13) + "no");
}

TEST(RefusedMessages, PausesDoubleToADay) {
  std::vector<std::int64_t> minutes;
  for (std::uint32_t tries = 1; tries <= 10; ++tries) minutes.push_back(mirror::pause_after(tries) / 60);
  EXPECT_THAT(minutes, testing::ElementsAre(10, 20, 40, 80, 160, 320, 640, 1280, 1440, 1440));
  EXPECT_EQ(mirror::pause_after(4'000'000'000), 86400);
}

}  // namespace
}  // namespace tests
