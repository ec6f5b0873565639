// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// A damaged postern-mailbox: made anew from the index where that knows the mailbox; else the mailbox is refused, and
// nothing of it is touched.
#include <filesystem>
#include <map>

#include "tests/store/store_case.h"

namespace tests {
namespace {

namespace fs = std::filesystem;

class DamagedMailboxFile : public StoreCase {
 protected:
  // Flags, keywords also beyond the 26 letters, a gap, and a message whose name carries no UID.
  void make_mail() {
    open();
    imap::FlagSet flags{imap::Flag::Flagged};
    for (int i = 0; i < 30; ++i) flags.add("keyword" + std::to_string(i));
    append(*mailbox(), 20);
    append(*mailbox(), 3, flags);
    ASSERT_TRUE(mailbox()->remove(imap::UidSet::between(imap::Uid(10), imap::Uid(19))));
    for (const std::string name : {"other", "box"}) ASSERT_TRUE(store_->create(imap::MailboxName(name)));
    append(*mailbox("other"), 2);
    deliver("box");
    mailbox("box")->check();
    for (const std::string name : {"INBOX", "other", "box"}) {
      before_[name] = mailbox(name)->status();
      messages_[name] = mailbox(name)->messages(everything());
    }
    ASSERT_EQ(messages_["box"].size(), 1u);
  }

  std::map<std::string, store::MailboxStatus> before_;
  std::map<std::string, std::vector<store::Message>> messages_;
};

// Power cuts leave a file that was written last empty, or full of NULs; hands and disks do worse.
TEST_F(DamagedMailboxFile, AMailboxFileIsMadeAnewFromTheIndex) {
  make_mail();
  for (const std::string& text : {std::string(), std::string(4096, '\0'), std::string("postern-mailbox 1\n"),
                                  std::string("uidvalidity 0\nid x\n")}) {
    store_->drain_renames();
    store_.reset();
    for (const std::string one : {"INBOX", "other", "box"}) write_file(directory(one) / "postern-mailbox", text);
    open();
    for (const std::string one : {"INBOX", "other", "box"}) {
      EXPECT_EQ(mailbox(one)->status().uid_validity, before_[one].uid_validity) << one;
      EXPECT_EQ(mailbox(one)->messages(everything()), messages_[one]) << one;
    }
  }
  // What was made anew is enough for a store without an index.
  store_.reset();
  fs::remove_all(root_.path() / ".postern" / "index");
  open();
  for (const std::string one : {"INBOX", "other", "box"}) {
    EXPECT_EQ(mailbox(one)->status().uid_validity, before_[one].uid_validity) << one;
    const auto now = mailbox(one)->messages(everything());
    ASSERT_EQ(now.size(), messages_[one].size()) << one;
    for (std::size_t i = 0; i < now.size(); ++i) {
      EXPECT_EQ(now[i].uid, messages_[one][i].uid);
      EXPECT_EQ(now[i].flags, messages_[one][i].flags);
    }
  }
}

TEST_F(DamagedMailboxFile, AMailboxFileThatTheIndexCannotTellIsRefusedAndLeftAlone) {
  make_mail();
  store_->drain_renames();
  store_.reset();
  const auto file = directory("other") / "postern-mailbox";
  auto good = read_file(file);
  write_file(file, "");
  fs::remove_all(directory("other") / "cur");  // other mail than the index means
  fs::remove_all(directory("other") / "new");
  for (const char* part : {"cur", "new"}) fs::create_directories(directory("other") / part);
  write_file(directory("other") / "cur" / "1.another.host:2,S", "Subject: another\n\ntext\n");
  open();
  const auto refused = store_->open_mailbox(imap::MailboxName("other"));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().reason, base::Reason::Corrupt);
  EXPECT_NE(refused.error().text.find("damaged"), std::string::npos);
  EXPECT_EQ(refused.error().text.find("remove"), std::string::npos);
  EXPECT_EQ(read_file(file), "");
  write_file(file, good.replace(0, 17, "postern-mailbox 2"));  // of a newer version: no damage
  const auto newer = store_->open_mailbox(imap::MailboxName("other"));
  ASSERT_FALSE(newer);
  EXPECT_NE(newer.error().text.find("newer version"), std::string::npos);
}

}  // namespace
}  // namespace tests
