// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// What follows behind the answers: the worker's renames and unlinks, while other things happen.
#include <fcntl.h>
#include <sys/stat.h>

#include <atomic>
#include <future>
#include <thread>

#include "proto/base/fail_point.h"
#include "store/mailbox/behind/write_behind.h"
#include "store/mailbox/change_mutex.h"
#include "tests/store/store_case.h"

namespace tests {
namespace {

namespace fs = std::filesystem;

class Behind : public StoreCase {};

// The worker is unlinking files of a mailbox when that goes as a whole.
TEST_F(Behind, MailboxIsDeletedWhileItsFilesAreUnlinked) {
  open();
  for (int round = 0; round < 40; ++round) {
    const imap::MailboxName name("box");
    ASSERT_TRUE(store_->create(name));
    const auto box = mailbox("box");
    const auto uids = append(*box, 200);
    ASSERT_TRUE(box->remove(set_of(uids)));
    ASSERT_TRUE(store_->remove(name));
    EXPECT_TRUE(box->is_deleted());
  }
  store_->drain_renames();
  EXPECT_FALSE(fs::exists(directory("box")));
  EXPECT_EQ(store_->list().size(), 1u);
}

void make_old(const fs::path& maildir) {
  const timespec times[2] = {{1000, 0}, {1000, 0}};
  for (const char* part : {"cur", "new"}) ASSERT_EQ(::utimensat(AT_FDCWD, (maildir / part).c_str(), times, 0), 0);
}

// What others do between our last look at a directory and the end of the worker's work there must be seen when the
// mailbox is opened the next time.
TEST_F(Behind, DeliveryBeforeTheWorkersEndIsSeenAtNextOpen) {
  open();
  const auto uids = append(*mailbox(), 2, imap::FlagSet{imap::Flag::Seen});
  reopen();
  ASSERT_EQ(mailbox()->uids().size(), 2u);
  for (const auto& file : maildir_files(directory())) fs::remove(directory() / file);
  deliver();
  make_old(directory());
  ASSERT_TRUE(mailbox()->remove(set_of(uids)));  // their files are gone already: the worker has nothing to unlink
  store_->drain_renames();
  reopen();
  EXPECT_EQ(mailbox()->uids().size(), 1u);
}

// Watches are being served, and work is under way, when the store ends.
TEST_F(Behind, StoreEndsWhileFilesChange) {
  options_.watch = true;
  for (int round = 0; round < 20; ++round) {
    open();
    const auto box = mailbox();
    append(*box, 20);
    deliver();
    ASSERT_TRUE(box->change_flags(everything(), imap::FlagChange::Replace,
                                  round % 2 == 0 ? imap::FlagSet{imap::Flag::Flagged} : imap::FlagSet{}));
    deliver();
    store_.reset();
  }
  open();
  EXPECT_EQ(mailbox()->uids().size(), 20u * 22);
}

std::size_t flagged_files(const fs::path& directory) {
  std::size_t out = 0;
  for (const auto& file : fs::directory_iterator(directory / "cur"))
    if (file.path().filename().string().ends_with(":2,F")) ++out;
  return out;
}

// While somebody waits for a change, in whichever mailbox, few files are renamed; but some are.
TEST_F(Behind, RenamesGiveWay) {
  constexpr std::size_t kMany = 5000;
  open();
  ASSERT_TRUE(store_->create(imap::MailboxName("other")));
  const auto box = mailbox(), other = mailbox("other");
  for (std::size_t i = 0; i < kMany; i += 1000) append(*box, 1000, imap::FlagSet{imap::Flag::Seen});
  std::promise<void> begun, end;
  std::thread somebody([&] {
    std::vector<store::NewMessage> messages;
    messages.push_back({imap::Literal("Subject: a\r\n\r\na\r\n"), {}, 1000});
    (void)other->append(messages, [&](std::span<const imap::Uid>, store::StateBatch&) {
      begun.set_value();
      end.get_future().wait();
    });
  });
  begun.get_future().wait();
  const auto start = std::chrono::steady_clock::now();
  EXPECT_TRUE(box->change_flags(everything(), imap::FlagChange::Replace, imap::FlagSet{imap::Flag::Flagged}));
  std::size_t renamed = 0;
  while (renamed == 0) renamed = flagged_files(directory());
  std::this_thread::sleep_for(std::chrono::milliseconds(200));
  renamed = flagged_files(directory());
  const auto rounds = (std::chrono::steady_clock::now() - start) / store::Foreground::kPatience + 1;
  EXPECT_LE(renamed, static_cast<std::size_t>(rounds) * store::WriteBehind::kLeast);
  end.set_value();
  somebody.join();
  store_->drain_renames();
  EXPECT_EQ(flagged_files(directory()), kMany);
}

// A fault that nobody expects: the renames come when it is over, without a restart.
TEST_F(Behind, AnOddFaultStopsNoRenames) {
  open();
  const auto box = mailbox();
  append(*box, 500, imap::FlagSet{imap::Flag::Seen});
  store_->drain_renames();
  for (int step = 1; step < 40; step += 3) {
    const auto flags = step % 2 == 1 ? imap::FlagSet{imap::Flag::Flagged} : imap::FlagSet{imap::Flag::Seen};
    ASSERT_TRUE(box->change_flags(everything(), imap::FlagChange::Replace, flags));
    base::FailPoint::arm(base::FailPoint::Mode::Odd, step);
    store_->drain_renames();
    base::FailPoint::disarm();
    store_->drain_renames();
    EXPECT_EQ(flagged_files(directory()), step % 2 == 1 ? 500u : 0u) << "step " << step;
  }
}

// A session's change comes before the worker's next round, although the worker was there first.
TEST(ChangeMutex, WhatCanWaitComesLast) {
  store::ChangeMutex mutex;
  std::string order;  // by mutex
  std::thread behind, session;
  {
    const store::ChangeLock lock(mutex);
    behind = std::thread([&] {
      mutex.lock_behind();
      const store::ChangeLock mine(mutex, base::kAdopt);
      order += "behind ";
    });
    session = std::thread([&] {
      const store::ChangeLock mine(mutex);
      order += "session ";
    });
    while (!mutex.is_wanted()) std::this_thread::yield();
  }
  session.join();
  behind.join();
  EXPECT_EQ(order, "session behind ");
}

TEST(ChangeMutex, WhatCanWaitIsNotStarved) {
  store::ChangeMutex mutex;
  std::atomic<bool> done = false;
  std::vector<std::thread> sessions;
  for (int i = 0; i < 3; ++i)
    sessions.emplace_back([&] {
      while (!done) const store::ChangeLock lock(mutex);
    });
  mutex.lock_behind();
  mutex.unlock();
  done = true;
  for (auto& session : sessions) session.join();
  EXPECT_FALSE(mutex.is_wanted());
}

TEST(ChangeMutex, TwoMailboxesInEitherOrder) {
  store::ChangeMutex one, other;
  int count = 0;  // by both
  const auto work = [&](store::ChangeMutex& first, store::ChangeMutex& second) {
    for (int i = 0; i < 1000; ++i) {
      const store::BothChangesLock lock(first, second);
      ++count;
    }
  };
  std::thread there([&] { work(one, other); }), back([&] { work(other, one); });
  there.join();
  back.join();
  EXPECT_EQ(count, 2000);
  const store::BothChangesLock same(one, one);
  EXPECT_FALSE(one.try_lock_for(std::chrono::milliseconds(1)));
}

}  // namespace
}  // namespace tests
