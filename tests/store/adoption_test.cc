// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Maildirs of others, adopted in place: one that the installed Dovecot makes now, in both layouts, and one of mbsync's.
// Skipped where there is no Dovecot.
#include <gtest/gtest.h>

#include <pwd.h>
#include <unistd.h>

#include <cstdlib>
#include <map>

#include "store/mail_store.h"
#include "tests/support/temp_maildir.h"

namespace store {
namespace {

namespace fs = std::filesystem;

constexpr const char* kImap = "/usr/lib/dovecot/imap";

void give(const fs::path& root, uid_t uid) {
  if (::getuid() != 0) return;
  for (const auto& entry : fs::recursive_directory_iterator(root))
    if (::lchown(entry.path().c_str(), uid, uid) < 0) throw std::runtime_error("chown");
  if (::lchown(root.c_str(), uid, uid) < 0) throw std::runtime_error("chown");
}

// Runs these commands in a Dovecot without its master, as an unprivileged user; returns what it said.
std::string dovecot(const fs::path& root, const std::string& location, const std::string& commands) {
  const auto* user = ::getpwnam("nobody");
  const auto uid = ::getuid() == 0 && user != nullptr ? user->pw_uid : ::getuid();
  tests::write_file(root / "dovecot.conf",
                    "log_path = " + (root / "log").string() + "\nssl = no\nmail_location = maildir:" + location +
                        "\nbase_dir = " + (root / "run").string() + "\nstate_dir = " + (root / "run").string() +
                        "\nfirst_valid_uid = 1\nfirst_valid_gid = 1\nmail_plugins =\n"
                        "namespace inbox {\n  inbox = yes\n}\n");
  tests::write_file(root / "commands", commands);
  give(root, uid);
  std::string command = "cat " + (root / "commands").string() + " | (cd / && ";
  if (::getuid() == 0)
    command += "setpriv --reuid=" + std::to_string(uid) + " --regid=" + std::to_string(uid) + " --clear-groups ";
  command +=
      "env USER=nobody HOME=" + root.string() + " " + kImap + " -c " + (root / "dovecot.conf").string() + ") 2>&1";
  auto* const pipe = ::popen(command.c_str(), "r");
  std::string out;
  char buffer[4096];
  while (const auto n = std::fread(buffer, 1, sizeof buffer, pipe)) out.append(buffer, n);
  ::pclose(pipe);
  give(root, ::getuid());
  return out;
}

std::string append(const std::string& tag, const std::string& mailbox, const std::string& flags,
                   const std::string& text) {
  return tag + " APPEND " + mailbox + " (" + flags + ") \"01-Feb-2020 10:00:00 +0000\" {" +
         std::to_string(text.size()) + "+}\r\n" + text + "\r\n";
}

std::uint32_t number_after(const std::string& text, const std::string& word, std::size_t from = 0) {
  const auto at = text.find(word, from);
  return at == std::string::npos
             ? 0
             : static_cast<std::uint32_t>(std::strtoul(text.c_str() + at + word.size(), nullptr, 10));
}

imap::UidSet everything() { return imap::UidSet::between(imap::Uid(1), imap::Uid(0xFFFFFFFE)); }

std::string flags_of(Mailbox& mailbox, std::uint32_t uid) {
  const auto messages = mailbox.messages(imap::UidSet::of(imap::Uid(uid)));
  if (messages.empty()) return "gone";
  std::string out;
  for (const auto& row : imap::kFlagTable)
    if (messages[0].flags.has(row.flag)) out += std::string(row.name) + " ";
  for (const auto& keyword : messages[0].flags.keywords()) out += keyword + " ";
  return out;
}

std::string content_of(Mailbox& mailbox, std::uint32_t uid) {
  const auto reader = mailbox.reader();
  const auto section = reader->section(imap::Uid(uid), imap::Section{});
  std::string out;
  if (section) section->octets.append_to(out, 0, section->octets.size());
  return out;
}

StoreOptions unwatched() {
  StoreOptions out;
  out.watch = false;
  return out;
}

class Adoption : public testing::Test {
 protected:
  void SetUp() override {
    if (::access(kImap, X_OK) < 0) GTEST_SKIP() << "no Dovecot";
  }

  void made_by_dovecot(const std::string& options, char delimiter) {
    const tests::TempDirectory home;
    const auto root = home.path() / "mail";
    fs::create_directory(root);
    const std::string one = "Subject: one\r\n\r\nfirst\r\n", two = "Subject: two\r\n\r\nsecond\r\nlast";
    const auto lists = std::string("lists") + delimiter + "foo";
    const auto said =
        dovecot(home.path(), root.string() + options,
                append("a", "INBOX", "\\Seen", one) + append("b", "INBOX", "$Forwarded \\Flagged work", two) +
                    append("c", "INBOX", "", one) + "d SELECT INBOX\r\ne STORE 1 +FLAGS (\\Deleted)\r\n" +
                    "f EXPUNGE\r\ng UID STORE 3 +FLAGS (other \\Answered)\r\nh CREATE " + lists +
                    "\r\ni CREATE Entw&APw-rfe\r\n" + append("j", lists, "", two) + "k SUBSCRIBE " + lists +
                    "\r\nl SUBSCRIBE Entw&APw-rfe\r\nm STATUS " + lists + " (UIDVALIDITY)\r\nz LOGOUT\r\n");
    ASSERT_NE(said.find("z OK"), std::string::npos) << said;
    const auto inbox_validity = number_after(said, "[UIDVALIDITY ");
    const auto lists_validity = number_after(said, "(UIDVALIDITY ");

    for (const bool index_lost : {false, false, true}) {
      if (index_lost) fs::remove_all(root / ".postern");
      auto store = MailStore::open(root, unwatched());
      ASSERT_TRUE(store) << store.error().text;
      EXPECT_EQ((*store)->delimiter(), delimiter);
      std::string names;
      for (const auto& entry : (*store)->list())
        names += entry.name.utf8() + (entry.selectable ? "" : "-") + (entry.subscribed ? "* " : " ");
      EXPECT_EQ(names, delimiter == '/' ? "Entw\xc3\xbcrfe* INBOX lists- lists/foo* "
                                        : "Entw\xc3\xbcrfe* INBOX lists- lists.foo* ");

      auto inbox = (*store)->open_mailbox(imap::MailboxName::inbox());
      ASSERT_TRUE(inbox) << inbox.error().text;
      EXPECT_EQ((*inbox)->status().uid_validity.value, inbox_validity);
      EXPECT_GE((*inbox)->status().uid_next.value, 4u);
      EXPECT_EQ((*inbox)->uids(), (std::vector<imap::Uid>{imap::Uid(2), imap::Uid(3)}));
      EXPECT_EQ(flags_of(**inbox, 2), "\\Flagged $Forwarded work ");
      EXPECT_EQ(flags_of(**inbox, 3), "\\Answered other ");
      EXPECT_EQ(content_of(**inbox, 2), two);
      EXPECT_EQ(content_of(**inbox, 3), one);
      EXPECT_EQ((*inbox)->messages(everything())[0].size, two.size());
      EXPECT_EQ((*inbox)->messages(everything())[0].internal_date, 1580551200);

      auto foo = (*store)->open_mailbox(imap::MailboxName(lists, delimiter));
      ASSERT_TRUE(foo) << foo.error().text;
      EXPECT_EQ((*foo)->status().uid_validity.value, lists_validity);
      EXPECT_EQ(content_of(**foo, 1), two);
    }

    // And back: Dovecot finds the flags that we set, under the names that we gave.
    {
      auto store = MailStore::open(root, unwatched());
      auto inbox = (*store)->open_mailbox(imap::MailboxName::inbox());
      imap::FlagSet flags{imap::Flag::Draft};
      flags.add("ours");
      ASSERT_TRUE((*inbox)->change_flags(imap::UidSet::of(imap::Uid(3)), imap::FlagChange::Replace, flags));
      (*store)->drain_renames();
    }
    const auto again =
        dovecot(home.path(), root.string() + options, "a SELECT INBOX\r\nb UID FETCH 3 FLAGS\r\nz LOGOUT\r\n");
    EXPECT_NE(again.find("FLAGS (\\Draft ours)"), std::string::npos) << again;
    EXPECT_EQ(number_after(again, "[UIDVALIDITY "), inbox_validity);
  }
};

TEST_F(Adoption, DovecotFs) { made_by_dovecot(":LAYOUT=fs", '/'); }
TEST_F(Adoption, DovecotMaildirPlusPlus) { made_by_dovecot("", '.'); }

TEST(AdoptionOfMbsync, UidsInNames) {
  const tests::TempDirectory root;
  tests::make_maildir(root.path() / "Inbox");
  const auto inbox = root.path() / "Inbox";
  tests::write_file(inbox / ".uidvalidity", "99\n12\n");
  tests::write_file(inbox / "cur" / "1.a.host,U=7:2,S", "A: a\n\n");
  tests::write_file(inbox / "cur" / "2.b.host,U=3:2,Fa", "B: b\n\n");
  tests::write_file(inbox / "new" / "3.c.host", "C: c\n\n");
  for (const bool index_lost : {false, true}) {
    if (index_lost) fs::remove_all(root.path() / ".postern");
    auto store = MailStore::open(root.path(), unwatched());
    ASSERT_TRUE(store) << store.error().text;
    auto mailbox = (*store)->open_mailbox(imap::MailboxName::inbox());
    ASSERT_TRUE(mailbox) << mailbox.error().text;
    EXPECT_EQ((*mailbox)->status().uid_validity, imap::UidValidity(99));
    EXPECT_EQ((*mailbox)->uids(), (std::vector<imap::Uid>{imap::Uid(3), imap::Uid(7), imap::Uid(13)}));
    EXPECT_EQ(content_of(**mailbox, 13), "C: c\r\n\r\n");
    (*store)->drain_renames();
    EXPECT_TRUE(fs::exists(inbox / "cur" / "1.a.host,U=7:2,S"));
    EXPECT_TRUE(fs::exists(inbox / "cur" / "2.b.host,U=3:2,Fa"));  // a letter that nobody named stays
  }
}

}  // namespace
}  // namespace store
