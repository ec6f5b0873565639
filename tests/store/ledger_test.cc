// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// The ledger: what is kept of it, and that it tells all that happens in a store.
#include "store/ledger/ledger.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <map>
#include <random>
#include <string>
#include <vector>

#include "proto/base/clock.h"
#include "store/ledger/ledger_line.h"
#include "tests/store/store_case.h"

namespace tests {
namespace {

using store::LedgerEntry;
using What = LedgerEntry::What;

LedgerEntry remark(const std::string& text) {
  LedgerEntry out;
  out.when = base::unix_now();
  out.mailbox_id = "id";
  out.text = text;
  return out;
}

std::vector<std::string> texts_of(const store::Ledger& ledger) {
  std::vector<std::string> out;
  ledger.for_each([&](const LedgerEntry& entry) {
    out.push_back(entry.text);
    return true;
  });
  return out;
}

TEST(Ledger, IsGoneOnWithAndSkipsWhatIsDamaged) {
  const TempDirectory directory;
  const auto folder = directory.path() / "ledger";
  for (const auto* text : {"one", "two"}) {
    const auto entry = remark(text);
    store::Ledger(folder, {}).note({&entry, 1});
  }
  write_file(folder / "2", *base::read_file_if_exists(folder / "2") + "torn\tline");
  write_file(folder / "notes.txt", "somebody's");
  write_file(folder / "7", "of another version\n");
  store::Ledger ledger(folder, {});
  const auto entry = remark("three");
  ledger.note({&entry, 1});
  EXPECT_EQ(texts_of(ledger), (std::vector<std::string>{"one", "two", "three"}));
}

TEST(Ledger, PassesOverWhatIsNoFile) {
  const TempDirectory directory;
  const auto folder = directory.path() / "ledger";
  auto entry = remark("one");
  store::Ledger ledger(folder, {});
  ledger.note({&entry, 1});
  std::filesystem::create_directory(folder / "7");
  ASSERT_EQ(::mkfifo((folder / "8").c_str(), 0600), 0);
  EXPECT_EQ(texts_of(ledger), std::vector<std::string>{"one"});
  entry = remark("two");
  store::Ledger(folder, {}).note({&entry, 1});
  EXPECT_EQ(texts_of(ledger), (std::vector<std::string>{"one", "two"}));
}

TEST(Ledger, IsMadeAnewWhereSomebodyRemovesIt) {
  const TempDirectory directory;
  store::Ledger ledger(directory.path() / "ledger", {});
  auto entry = remark("one");
  ledger.note({&entry, 1});
  std::filesystem::remove_all(directory.path() / "ledger");
  entry = remark("two");
  ledger.note({&entry, 1});
  EXPECT_EQ(texts_of(ledger), std::vector<std::string>{"two"});
}

TEST(Ledger, DropsTheOldestOfTooMuch) {
  const TempDirectory directory;
  const auto folder = directory.path() / "ledger";
  store::Ledger ledger(folder, {});
  ledger.set_limits({.octets = 10'000});
  for (int i = 0; i < 500; ++i) {
    const auto entry = remark(std::string(100, 'x') + std::to_string(i));
    ledger.note({&entry, 1});
  }
  ledger.sweep();
  std::uint64_t octets = 0;
  for (const auto& file : std::filesystem::directory_iterator(folder)) octets += file.file_size();
  EXPECT_LE(octets, 12'500u);
  const auto left = texts_of(ledger);
  ASSERT_GT(left.size(), 30u);
  EXPECT_TRUE(left.back().ends_with("x499"));
}

TEST(Ledger, DropsWhatIsTooOld) {
  const TempDirectory directory;
  const auto folder = directory.path() / "ledger";
  auto entry = remark("old");
  store::Ledger(folder, {}).note({&entry, 1});
  std::filesystem::last_write_time(folder / "1",
                                   std::filesystem::file_time_type::clock::now() - std::chrono::hours(91 * 24));
  store::Ledger ledger(folder, {});
  entry = remark("new");
  ledger.note({&entry, 1});
  ledger.sweep();
  EXPECT_EQ(texts_of(ledger), std::vector<std::string>{"new"});
}

// As of a clock that was set back: the order is that of what happened, and nothing is dropped for it.
TEST(Ledger, GoesOnWhenTheClockIsSetBack) {
  const TempDirectory directory;
  const auto folder = directory.path() / "ledger";
  auto entry = remark("tomorrow");
  entry.when += 400 * 86'400;
  store::Ledger(folder, {}).note({&entry, 1});
  std::filesystem::last_write_time(folder / "1",
                                   std::filesystem::file_time_type::clock::now() + std::chrono::hours(400 * 24));
  store::Ledger ledger(folder, {});
  entry = remark("today");
  ledger.note({&entry, 1});
  ledger.sweep();
  EXPECT_EQ(texts_of(ledger), (std::vector<std::string>{"tomorrow", "today"}));
}

TEST(Ledger, ThatIsOffWritesNothing) {
  const TempDirectory directory;
  store::Ledger ledger(directory.path() / "ledger", {});
  ledger.set_limits({.time = std::chrono::hours(0)});
  const auto entry = remark("one");
  ledger.note({&entry, 1});
  EXPECT_FALSE(std::filesystem::exists(directory.path() / "ledger"));
}

// What the ledger says a store has now: of each mailbox each message's flags.
using Replayed = std::map<std::string, std::map<imap::Uid, imap::FlagSet>>;

void replay(Replayed& all, const LedgerEntry& entry) {
  auto& mailbox = all[entry.mailbox_id];
  std::vector<imap::Uid> from;
  entry.from.for_each([&](imap::Uid uid) { from.push_back(uid); });
  std::size_t i = 0;
  if (entry.what == What::Listed) mailbox.clear();
  if (entry.what == What::MailboxDeleted) all.erase(entry.mailbox_id);
  entry.uids.for_each([&](imap::Uid uid) {
    switch (entry.what) {
      case What::Arrived: mailbox[uid] = entry.flags_added; break;
      case What::Flags:
        mailbox.at(uid).remove(entry.flags_removed);
        mailbox.at(uid).add(entry.flags_added);
        break;
      case What::Gone: EXPECT_EQ(mailbox.erase(uid), 1u); break;
      case What::Copied:
      case What::Moved: mailbox[uid] = all.at(entry.from_id).at(from.at(i++)); break;
      default: break;
    }
  });
  if (entry.what == What::Moved)
    for (const auto uid : from) all.at(entry.from_id).erase(uid);
}

class LedgerOfAStore : public StoreCase {
 protected:
  Replayed replayed() {
    Replayed out;
    store_->for_each_ledger_entry([&](const LedgerEntry& entry) {
      replay(out, entry);
      return true;
    });
    return out;
  }
  void expect_true(const std::vector<std::string>& names) {
    const auto told = replayed();
    for (const auto& name : names) {
      const auto box = mailbox(name);
      std::map<imap::Uid, imap::FlagSet> has;
      for (const auto& message : box->messages(everything())) has[message.uid] = message.flags;
      const auto at = told.find(box->status().mailbox_id);
      EXPECT_EQ(at == told.end() ? decltype(has)() : at->second, has) << name;
    }
  }
  imap::UidSet some(store::Mailbox& box) {
    imap::UidSet out;
    for (const auto uid : box.uids())
      if (random_() % 3 == 0) out.add(uid);
    return out;
  }
  imap::FlagSet some_flags() {
    imap::FlagSet out;
    for (const auto* name : {"\\Seen", "\\Flagged", "\\Deleted", "$one", "two"})
      if (random_() % 3 == 0) out.add_by_name(name);
    return out;
  }
  void step(store::Mailbox& box, store::Mailbox& other, const std::string& name) {
    const auto change = static_cast<imap::FlagChange>(random_() % 3);
    switch (random_() % 9) {
      case 0:
      case 1: append(box, 1 + random_() % 4, some_flags()); break;
      case 2: ASSERT_TRUE(box.change_flags(some(box), change, some_flags())); break;
      case 3: ASSERT_TRUE(box.copy_to(some(box), other)); break;
      case 4: ASSERT_TRUE(box.move_to(some(box), other)); break;
      case 5: ASSERT_TRUE(box.expunge(some(box))); break;
      case 6:
        deliver(name);
        box.check();
        break;
      case 7:
        if (random_() % 4 == 0) ASSERT_TRUE(box.remove(some(box), {}, "pass"));
        break;
      default: rename_one(box, name);
    }
  }
  // Another program marks a message.
  void rename_one(store::Mailbox& box, const std::string& name) {
    store_->drain_renames();
    for (const auto& file : std::filesystem::directory_iterator(directory(name) / "new")) {
      const auto called = file.path().filename().string();
      std::filesystem::rename(file.path(), directory(name) / "cur" / (called + ":2,FS"));
      break;
    }
    box.check();
  }
  std::mt19937 random_{7};
};

TEST_F(LedgerOfAStore, ReplayedGivesThePresentState) {
  open();
  ASSERT_TRUE(store_->create(imap::MailboxName("box")));
  for (unsigned seed = 1; seed <= 6; ++seed) {
    random_.seed(seed);
    for (int i = 0; i < 60; ++i) {
      const bool first = random_() % 2 == 0;
      const std::string name = first ? "INBOX" : "box", other_name = first ? "box" : "INBOX";
      step(*mailbox(name), *mailbox(random_() % 5 == 0 ? name : other_name), name);
      ASSERT_FALSE(HasFatalFailure());
    }
    expect_true({"INBOX", "box"});
    if (seed % 3 == 0) {  // without an index all is read anew, and the ledger goes on
      store_.reset();
      std::filesystem::remove_all(root_.path() / ".postern" / "index");
      open();
      expect_true({"INBOX", "box"});
    }
  }
}

TEST_F(LedgerOfAStore, SaysWhoAndWhich) {
  open();
  const auto box = mailbox();
  std::vector<store::NewMessage> messages;
  messages.push_back(
      {imap::Literal(std::string("Message-ID: <one@x>\r\n\r\ntext\r\n")), imap::FlagSet{imap::Flag::Seen}, 1000});
  ASSERT_TRUE(box->append(messages, {}, "pass 1"));
  box->remark({{1, 1}}, {{77, 77}}, "pass 1", "fetched");
  ASSERT_TRUE(box->change_flags(everything(), imap::FlagChange::Add, imap::FlagSet{imap::Flag::Deleted}, {}, {},
                                "client mutt"));
  ASSERT_TRUE(box->expunge(std::nullopt));
  std::vector<LedgerEntry> told;
  store_->for_each_ledger_entry([&](const LedgerEntry& entry) {
    if (entry.what != What::Listed) told.push_back(entry);  // INBOX was empty when it was made
    return true;
  });
  ASSERT_EQ(told.size(), 4u);
  EXPECT_EQ(told[0].what, What::Arrived);
  EXPECT_EQ(told[0].by, "pass 1");
  EXPECT_EQ(told[0].message_id, "<one@x>");
  EXPECT_EQ(told[1].text, "fetched");
  EXPECT_EQ(told[1].from, (imap::UidSet{{77, 77}}));
  EXPECT_EQ(told[2].by, "client mutt");
  EXPECT_EQ(told[2].flags_added.to_string(), "\\Deleted");
  EXPECT_EQ(told[3].what, What::Gone);
  EXPECT_EQ(told[3].by, "client");
}

TEST_F(LedgerOfAStore, ADeletedMailboxIsTold) {
  open();
  ASSERT_TRUE(store_->create(imap::MailboxName("box")));
  append(*mailbox("box"), 3);
  const auto id = mailbox("box")->status().mailbox_id;
  EXPECT_EQ(replayed().at(id).size(), 3u);
  ASSERT_TRUE(store_->remove(imap::MailboxName("box")));
  EXPECT_FALSE(replayed().contains(id));
}

}  // namespace
}  // namespace tests
