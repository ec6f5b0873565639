// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// The set of mailboxes: one that is slow holds up no other; removal and renaming beside other work.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <future>
#include <set>
#include <thread>

#include "proto/base/fail_point.h"
#include "proto/base/files.h"
#include "tests/store/store_case.h"

namespace tests {
namespace {

namespace fs = std::filesystem;

class MailboxSet : public StoreCase {};

TEST_F(MailboxSet, SlowMailboxHoldsUpNoOther) {
  open();
  for (const char* name : {"slow", "other", "gone"}) ASSERT_TRUE(store_->create(imap::MailboxName(name)));
  store_.reset();
  // Who opens a file waits until somebody else has given up his lease on it (fcntl(2)), which a signal asks for.
  const auto before = std::signal(SIGIO, SIG_IGN);
  base::FileDescriptor lease(::open((directory("slow") / "postern-mailbox").c_str(), O_RDWR | O_CLOEXEC));
  ASSERT_EQ(::fcntl(lease.get(), F_SETLEASE, F_WRLCK), 0);
  open();
  std::atomic<bool> opened{false};
  std::thread slow([&] {
    (void)store_->open_mailbox(imap::MailboxName("slow"));
    opened = true;
  });
  auto others = std::async(std::launch::async, [&] {
    append(*mailbox(), 1);
    append(*mailbox("other"), 1);
    (void)store_->list();
    EXPECT_TRUE(store_->create(imap::MailboxName("more")));
    EXPECT_TRUE(store_->remove(imap::MailboxName("gone")));
    EXPECT_TRUE(store_->rename(imap::MailboxName("other"), imap::MailboxName("another")));
    EXPECT_EQ(mailbox("another")->uids().size(), 1u);
    EXPECT_FALSE(opened);
  });
  EXPECT_EQ(others.wait_for(std::chrono::seconds(20)), std::future_status::ready);
  lease.reset();
  slow.join();
  others.wait();
  std::signal(SIGIO, before);
}

// Also where an old .postern was put back, which does not know of those that were given since.
TEST_F(MailboxSet, NoUidvalidityIsGivenTwice) {
  open();
  ASSERT_TRUE(store_->create(imap::MailboxName("a")));
  store_.reset();
  const auto file = root_.path() / ".postern" / "uidvalidity";
  const auto before = base::read_file(file);
  std::set<std::uint32_t> given;
  for (int i = 0; i < 5; ++i) {
    open();  // each opening leaves some out
    ASSERT_TRUE(store_->create(imap::MailboxName("b" + std::to_string(i))));
    EXPECT_TRUE(given.insert(mailbox("b" + std::to_string(i))->status().uid_validity.value).second);
    store_.reset();
  }
  base::replace_file(file, before);
  for (int i = 0; i < 5; ++i) {
    open();
    ASSERT_TRUE(store_->create(imap::MailboxName("c" + std::to_string(i))));
    EXPECT_TRUE(given.insert(mailbox("c" + std::to_string(i))->status().uid_validity.value).second);
    store_.reset();
  }
}

// Each name is one mailbox, however many ask for it at once.
TEST_F(MailboxSet, OpenedOnce) {
  open();
  append(*mailbox(), 100);
  for (int round = 0; round < 10; ++round) {
    reopen();
    std::vector<std::future<std::shared_ptr<store::Mailbox>>> all;
    for (int i = 0; i < 4; ++i) all.push_back(std::async(std::launch::async, [&] { return mailbox(); }));
    const auto first = mailbox();
    for (auto& one : all) EXPECT_EQ(one.get(), first);
  }
}

// A quota that is used up is a full disk to everybody: the store opens, and what cannot be kept is refused as such.
TEST_F(MailboxSet, AQuotaIsAFullDisk) {
  open();
  append(*mailbox(), 2);
  store_.reset();
  base::FailPoint::arm(base::FailPoint::Mode::OverQuota, 1);
  auto opened = store::MailStore::open(root_.path(), options_);
  base::FailPoint::disarm();
  ASSERT_TRUE(opened) << opened.error().text;
  store_ = std::move(*opened);
  const auto inbox = mailbox();
  store_->drain_renames();
  std::vector<store::NewMessage> one;
  one.push_back({imap::Literal("Subject: x\r\n\r\n"), {}, 1000});
  base::FailPoint::arm(base::FailPoint::Mode::OverQuota, 1);
  const auto appended = inbox->append(one);
  const auto created = store_->create(imap::MailboxName("new"));
  const auto subscribed = store_->set_subscribed(imap::MailboxName::inbox(), true);
  base::FailPoint::disarm();
  ASSERT_FALSE(appended);
  EXPECT_EQ(appended.error().reason, base::Reason::NoSpace);
  ASSERT_FALSE(created);
  EXPECT_EQ(created.error().reason, base::Reason::NoSpace);
  ASSERT_FALSE(subscribed);
  EXPECT_EQ(subscribed.error().reason, base::Reason::NoSpace);
  EXPECT_EQ(inbox->uids().size(), 2u);
}

// A directory copied by hand, with all its files, is a mailbox of its own.
TEST_F(MailboxSet, CopiedDirectory) {
  open();
  ASSERT_TRUE(store_->create(imap::MailboxName("one")));
  append(*mailbox("one"), 3, imap::FlagSet{imap::Flag::Seen});
  store_->drain_renames();
  const auto before = mailbox("one")->status();
  fs::copy(directory("one"), directory("two"), fs::copy_options::recursive);
  for (int round = 0; round < 3; ++round) {
    EXPECT_NE(mailbox("two")->status().mailbox_id, before.mailbox_id);
    EXPECT_EQ(mailbox("one")->status().mailbox_id, before.mailbox_id);
    EXPECT_EQ(mailbox("two")->uids().size(), 3u);
    if (round == 1) reopen();
  }
  ASSERT_TRUE(mailbox("one")->remove(everything()));
  append(*mailbox("one"), 1);
  append(*mailbox("two"), 1);
  reopen();
  EXPECT_EQ(mailbox("two")->uids().size(), 4u);
  EXPECT_EQ(mailbox("one")->uids(), std::vector<imap::Uid>{imap::Uid(4)});
  // One that was moved by hand stays the same.
  store_.reset();
  fs::rename(directory("one"), directory("three"));
  open();
  EXPECT_EQ(mailbox("three")->status().mailbox_id, before.mailbox_id);
  EXPECT_EQ(mailbox("three")->status().uid_validity, before.uid_validity);
}

// Changes go on while a mailbox is renamed to and fro; what is said to be done is done.
TEST_F(MailboxSet, RenamedWhileItIsUsed) {
  options_.watch = true;
  open();
  ASSERT_TRUE(store_->create(imap::MailboxName("one")));
  const auto box = mailbox("one");
  append(*box, 50);
  std::atomic<bool> done{false};
  std::size_t appended = 50;
  std::thread user([&] {
    bool seen = false;
    while (!done) {
      std::vector<store::NewMessage> messages;
      messages.push_back({imap::Literal("Subject: more\r\n\r\n"), {}, 1000});
      if (box->append(messages)) ++appended;
      seen = !seen;
      (void)box->change_flags(everything(), seen ? imap::FlagChange::Add : imap::FlagChange::Remove,
                              {imap::Flag::Seen});
      box->check();
    }
  });
  std::string from = "one", to = "two";
  for (int i = 0; i < 50; ++i) {
    EXPECT_TRUE(store_->rename(imap::MailboxName(from), imap::MailboxName(to)));
    std::swap(from, to);
  }
  done = true;
  user.join();
  store_->drain_renames();
  box->check();
  EXPECT_EQ(box->name().utf8(), from);
  EXPECT_EQ(box->uids().size(), appended);
  for (const auto uid : box->uids()) EXPECT_NE(content_of(*box, uid), "");
  const auto before = box->messages(everything());
  reopen();
  EXPECT_EQ(mailbox(from)->messages(everything()), before);
  EXPECT_EQ(maildir_files(directory(from)).size(), appended);
}

TEST_F(MailboxSet, DeletingAndRenamingLeaveNoNamesAboveNothing) {
  open();
  for (const char* name : {"a/b/c", "a/d", "x"}) ASSERT_TRUE(store_->create(imap::MailboxName(name)));
  ASSERT_TRUE(store_->remove(imap::MailboxName("a/b/c")));
  EXPECT_FALSE(fs::exists(directory("a/b")));
  EXPECT_TRUE(fs::exists(directory("a/d/cur")));
  ASSERT_TRUE(store_->rename(imap::MailboxName("a/d"), imap::MailboxName("e/f")));
  EXPECT_FALSE(fs::exists(directory("a")));
  EXPECT_TRUE(store_->rename(imap::MailboxName("x"), imap::MailboxName("a")));
  EXPECT_TRUE(fs::exists(directory("a/cur")));
  ASSERT_TRUE(store_->remove(imap::MailboxName("e/f")));
  EXPECT_TRUE(fs::exists(directory("INBOX/cur")));
}

TEST_F(MailboxSet, ANameAboveOthersIsTaken) {
  open();
  for (const char* name : {"x", "x/y", "a/b/c"}) ASSERT_TRUE(store_->create(imap::MailboxName(name)));
  for (const char* to : {"a", "a/b", "a/b/c"}) {
    const auto renamed = store_->rename(imap::MailboxName("x"), imap::MailboxName(to));
    ASSERT_FALSE(renamed) << to;
    EXPECT_EQ(renamed.error().reason, base::Reason::AlreadyExists) << to;
    EXPECT_EQ(renamed.error().text.find(root_.path().string()), std::string::npos) << renamed.error().text;
  }
  const auto itself = store_->rename(imap::MailboxName("a/b/c"), imap::MailboxName("a"));
  ASSERT_FALSE(itself);
  EXPECT_EQ(itself.error().reason, base::Reason::AlreadyExists);
  EXPECT_TRUE(store_->exists(imap::MailboxName("x/y")));
  EXPECT_TRUE(store_->exists(imap::MailboxName("a/b/c")));
}

// In a Maildir++ store a mailbox's directory begins with '.', as the store's own does.
TEST_F(MailboxSet, AMailboxNamedPosternIsNotTheStoresDirectory) {
  for (const char* part : {"cur", "new", "tmp"}) fs::create_directories(root_.path() / part);
  open();
  ASSERT_TRUE(store_->create(imap::MailboxName("postern")));
  append(*mailbox("postern"), 2);
  reopen();
  EXPECT_EQ(mailbox("postern")->uids().size(), 2u);
  ASSERT_TRUE(store_->remove(imap::MailboxName("postern")));
  EXPECT_TRUE(fs::exists(root_.path() / ".postern" / "lock"));
  append(*mailbox(), 1);
  reopen();
  EXPECT_EQ(mailbox()->uids().size(), 1u);
}

}  // namespace
}  // namespace tests
