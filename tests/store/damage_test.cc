// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Damage to the index's files while the store is closed or open: it is rebuilt (at the next open at the latest), the
// log says so, and UIDs, UIDVALIDITY, flags and what the sync keeps are still there.
#include <algorithm>
#include <fstream>

#include "proto/base/log.h"
#include "store/index/index.h"
#include "store/index/keys.h"
#include "tests/store/store_case.h"

namespace tests {
namespace {

namespace fs = std::filesystem;

class Damage : public StoreCase {
 public:
  ~Damage() override {
    store_.reset();
    base::set_log_file("/dev/stderr");
  }

 protected:
  Damage() { base::set_log_file((log_.path() / "log").string()); }

  bool log_says(const std::string& text) { return read_file(log_.path() / "log").find(text) != std::string::npos; }

  std::vector<fs::path> index_files(const std::string& end) {
    std::vector<fs::path> out;
    for (const auto& entry : fs::directory_iterator(root_.path() / ".postern" / "index"))
      if (entry.path().filename().string().ends_with(end) && entry.file_size() > 0) out.push_back(entry.path());
    return out;
  }

  // Overwrites the middle of these files.
  static void damage(const std::vector<fs::path>& files) {
    ASSERT_FALSE(files.empty());
    for (const auto& file : files) {
      const auto size = fs::file_size(file);
      std::fstream out(file, std::ios::in | std::ios::out | std::ios::binary);
      out.seekp(static_cast<std::streamoff>(size / 4));
      out << std::string(std::max<std::size_t>(size / 4, 1), '\x5A');
    }
  }

  // Mail in two mailboxes with flags and keywords, also beyond the 26 letters, and a state of the sync's.
  void make_mail() {
    open();
    imap::FlagSet flags{imap::Flag::Flagged};
    for (int i = 0; i < 30; ++i) flags.add("keyword" + std::to_string(i));
    const auto box = mailbox();
    append(*box, 300);
    append(*box, 3, flags);
    ASSERT_TRUE(box->remove(imap::UidSet::between(imap::Uid(10), imap::Uid(19))));
    ASSERT_TRUE(box->change_flags(imap::UidSet::of(imap::Uid(5)), imap::FlagChange::Add, {imap::Flag::Seen}));
    ASSERT_TRUE(store_->create(imap::MailboxName("other")));
    append(*mailbox("other"), 2);
    store::StateBatch state;
    for (int i = 0; i < 500; ++i) state.put("sync-" + std::to_string(i), std::string(100, 'x'));
    store_->put_state(state);
    store_->drain_renames();
    // What the index's log holds goes to its tables.
    reopen();
    append(*mailbox(), 1);
    store_->drain_renames();
    for (const std::string name : {"INBOX", "other"}) {
      before_[name] = mailbox(name)->status();
      messages_[name] = mailbox(name)->messages(everything());
    }
  }

  // As if the owner had been killed: the index's log still holds what it did last.
  void kill() {
    const auto store = root_.path() / ".postern";
    fs::copy(store / "index", store / "killed", fs::copy_options::recursive);
    store_.reset();
    fs::remove_all(store / "index");
    fs::rename(store / "killed", store / "index");
  }

  // As it was, but for MODSEQs, which are higher.
  void expect_mail() {
    for (const std::string name : {"INBOX", "other"}) {
      const auto box = mailbox(name);
      const auto& before = before_.at(name);
      const auto now = box->status();
      EXPECT_EQ(now.uid_validity, before.uid_validity);
      EXPECT_EQ(now.mailbox_id, before.mailbox_id);
      EXPECT_GE(now.uid_next, before.uid_next);
      EXPECT_GE(now.highest_modseq, before.highest_modseq);
      auto messages = box->messages(everything());
      ASSERT_EQ(messages.size(), messages_.at(name).size());
      for (std::size_t i = 0; i < messages.size(); ++i) {
        EXPECT_GE(messages[i].modseq, messages_.at(name)[i].modseq);
        messages[i].modseq = messages_.at(name)[i].modseq;
        EXPECT_EQ(messages[i], messages_.at(name)[i]);
        EXPECT_EQ(content_of(*box, messages[i].uid).substr(0, 9), "Subject: ");
      }
    }
  }

  // A change that the client saw must be told anew where the index may have forgotten it.
  void expect_all_told() {
    EXPECT_EQ(mailbox()->changes_since(before_.at("INBOX").highest_modseq).changed.size(),
              messages_.at("INBOX").size());
  }

  TempDirectory log_;
  std::map<std::string, store::MailboxStatus> before_;
  std::map<std::string, std::vector<store::Message>> messages_;
};

TEST_F(Damage, TablesOfAClosedStore) {
  make_mail();
  store_.reset();
  damage(index_files(".sst"));
  bool told = false;
  options_.on_corrupt_index = [&] { told = true; };
  open();
  if (!store_->open_mailbox(imap::MailboxName("INBOX"))) {  // met only now
    EXPECT_TRUE(told);
    EXPECT_TRUE(log_says("the index is corrupt: the store has to be opened anew"));
    reopen();
  }
  EXPECT_TRUE(log_says("the index is corrupt and is rebuilt"));
  expect_mail();
  expect_all_told();
  reopen();
  expect_mail();
}

TEST_F(Damage, LogOfAKilledOwner) {
  make_mail();
  kill();
  damage(index_files(".log"));
  open();
  EXPECT_TRUE(log_says("the end of the index's log cannot be read") || log_says("is rebuilt"));
  expect_mail();
  expect_all_told();
  EXPECT_TRUE(store_->get_state(store::kIndexWentBack));
  EXPECT_TRUE(store_->get_state("sync-0"));
}

TEST_F(Damage, LogOfAKilledOwnerIsMissing) {
  make_mail();
  kill();
  for (const auto& file : index_files(".log")) fs::remove(file);
  open();
  EXPECT_TRUE(log_says("the index has gone back"));
  expect_mail();
  expect_all_told();
  EXPECT_TRUE(store_->get_state("sync-0"));
}

TEST_F(Damage, OldIndexIsPutBack) {
  make_mail();
  EXPECT_FALSE(store_->get_state(store::kIndexWentBack));
  store_.reset();
  const auto index = root_.path() / ".postern" / "index", old = root_.path() / ".postern" / "old";
  fs::copy(index, old, fs::copy_options::recursive);
  open();
  ASSERT_TRUE(mailbox()->change_flags(imap::UidSet::of(imap::Uid(7)), imap::FlagChange::Add, {imap::Flag::Seen}));
  ASSERT_TRUE(mailbox()->remove(imap::UidSet::of(imap::Uid(8))));
  append(*mailbox(), 1);
  before_["INBOX"] = mailbox()->status();
  messages_["INBOX"] = mailbox()->messages(everything());
  store_.reset();
  fs::remove_all(index);
  fs::rename(old, index);
  open();
  EXPECT_TRUE(log_says("the index has gone back"));
  expect_mail();
  expect_all_told();
  const auto said = store_->get_state(store::kIndexWentBack);
  ASSERT_TRUE(said);
  reopen();
  EXPECT_EQ(store_->get_state(store::kIndexWentBack), said) << "it has gone back once";
}

TEST_F(Damage, CurrentOfAClosedStore) {
  for (const bool missing : {false, true}) {
    make_mail();
    store_.reset();
    const auto current = root_.path() / ".postern" / "index" / "CURRENT";
    if (missing)
      fs::remove(current);
    else
      write_file(current, "nonsense");
    open();
    EXPECT_TRUE(log_says("the index is corrupt and is rebuilt"));
    expect_mail();
    expect_all_told();
    EXPECT_TRUE(store_->get_state("sync-0"));
    EXPECT_TRUE(store_->get_state(store::kIndexWentBack));
    store_.reset();
    fs::remove_all(root_.path());
    fs::create_directory(root_.path());
  }
}

TEST_F(Damage, ManifestAndEverything) {
  make_mail();
  store_.reset();
  for (const auto& entry : fs::directory_iterator(root_.path() / ".postern" / "index"))
    if (entry.is_regular_file()) write_file(entry.path(), "nonsense");
  open();
  EXPECT_TRUE(log_says("the index is corrupt and is rebuilt"));
  expect_mail();
}

TEST_F(Damage, TablesOfAnOpenStore) {
  make_mail();
  int told = 0;
  options_.on_corrupt_index = [&] { ++told; };
  reopen();
  damage(index_files(".sst"));
  // One way or another it is met, and said once; nobody is told that something is done that is not.
  for (int i = 0; i < 2; ++i)
    if (const auto box = store_->open_mailbox(imap::MailboxName("INBOX"))) {
      for (const auto& m : (*box)->messages(everything())) (*box)->reader()->header(m.uid);
    } else {
      EXPECT_EQ(box.error().reason, base::Reason::Corrupt);
    }
  EXPECT_EQ(told, 1);
  reopen();
  EXPECT_TRUE(log_says("the index is corrupt and is rebuilt"));
  expect_mail();
}

TEST_F(Damage, AStoreOfALaterVersionIsRefusedAndNotTouched) {
  make_mail();
  store_.reset();
  const auto mark = root_.path() / ".postern" / "format";
  EXPECT_EQ(read_file(mark), "postern store 1\n");
  write_file(mark, "postern store 2 of next year\n");
  const auto before = fs::last_write_time(root_.path() / ".postern");
  auto refused = store::MailStore::open(root_.path(), options_);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().reason, base::Reason::Unsupported);
  EXPECT_NE(refused.error().text.find("was written by a newer version of Postern"), std::string::npos);
  EXPECT_EQ(fs::last_write_time(root_.path() / ".postern"), before);
  write_file(mark, "");
  open();
  expect_mail();
  store_.reset();
  const auto put_version = [&](const std::string& version) {
    const auto index = store::Index::open(root_.path() / ".postern" / "index", base::Log(), [] {});
    store::IndexBatch later;
    later.put(store::keys::version(), version);
    index->write(later, true);
  };
  put_version("2");
  refused = store::MailStore::open(root_.path(), options_);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().text.find("was written by a newer version of Postern (2; this one knows 1)"),
            std::string::npos);
  EXPECT_THROW(put_version("1"), store::Corruption);
}

TEST_F(Damage, AnIndexWhoseVersionIsNoneIsMadeAnewAndKeepsTheSyncsState) {
  make_mail();
  store_.reset();
  {
    const auto index = store::Index::open(root_.path() / ".postern" / "index", base::Log(), [] {});
    store::IndexBatch later;
    later.put(store::keys::version(), "no number");
    later.put("a later kind of record", "?");
    index->scan("r", [&](std::string_view key, std::string_view) {
      later.put(key, "\x02 a row that this version does not understand");
      return true;
    });
    index->write(later, true);
  }
  open();
  EXPECT_TRUE(log_says("the index is of a version that is not known"));
  expect_mail();
  expect_all_told();
  for (int i = 0; i < 500; ++i) EXPECT_TRUE(store_->get_state("sync-" + std::to_string(i))) << i;
  reopen();
  expect_mail();
  store_.reset();
  const auto index = store::Index::open(root_.path() / ".postern" / "index", base::Log(), [] {});
  EXPECT_EQ(index->get(store::keys::version()), store::keys::kVersionOfAll);
  EXPECT_FALSE(index->get("a later kind of record"));
}

TEST_F(Damage, IndexOfAnOpenStoreIsRemoved) {
  make_mail();
  fs::remove_all(root_.path() / ".postern" / "index");
  ASSERT_TRUE(mailbox()->change_flags(imap::UidSet::of(imap::Uid(7)), imap::FlagChange::Add, {imap::Flag::Seen}));
  messages_["INBOX"] = mailbox()->messages(everything());
  reopen();
  expect_mail();
}

}  // namespace
}  // namespace tests
