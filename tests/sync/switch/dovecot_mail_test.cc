// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Where a Dovecot has its mail, and what of it cannot be used as it lies.
#include "sync/switch/dovecot_mail.h"

#include <gmock/gmock.h>

#include "tests/support/temp_maildir.h"

namespace tests {
namespace {

namespace fs = std::filesystem;
using mirror::DovecotMail;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

DovecotMail at(const std::string& location, const std::string& more = "") {
  return mirror::dovecot_mail("# 2.3.19.1: /etc/dovecot/dovecot.conf\nmail_location = " + location + "\n" + more,
                              {"/u/me", "me@example.org"});
}

TEST(DovecotMail, AsItLies) {
  for (const auto* location : {"maildir:~/Maildir", "maildir:~/Maildir/", "maildir:%h/Maildir:INBOX=~/Maildir",
                               "maildir:Maildir:LAYOUT=maildir++:INDEX=/var/index/%u", "maildir:/u/%n/Maildir",
                               "maildir:/%{home}/Maildir:UTF-8", "maildir:~/Maildir:LAYOUT=fs:INBOX=~/Maildir/Inbox",
                               "maildir:~/Maildir:LAYOUT=fs:INBOX=~/Maildir:VOLATILEDIR=/tmp/%d"}) {
    const auto found = at(location);
    EXPECT_EQ(found.fault, "") << location;
    EXPECT_EQ(found.path, "/u/me/Maildir") << location;
    EXPECT_EQ(found.control, "") << location;
  }
}

TEST(DovecotMail, WhatLiesApart) {
  const auto found = at("maildir:/mail/100%%::1:CONTROL=/var/control/%u:SUBSCRIPTIONS=subs");
  EXPECT_EQ(found.fault, "");
  EXPECT_EQ(found.path, "/mail/100%:1");
  EXPECT_EQ(found.control, "/var/control/me@example.org");
  EXPECT_EQ(found.subscriptions, "subs");
  EXPECT_EQ(at("maildir:~/Maildir:CONTROL=~/Maildir").control, "");
}

TEST(DovecotMail, WhatCannotBeUsedAsItLies) {
  for (const auto& [location, why] : {std::pair("mbox:~/mail:INBOX=/var/mail/%u", "only a Maildir can be used"),
                                      {"mdbox:~/mdbox", "only a Maildir can be used"},
                                      {"", "does not say where the mail lies"},
                                      {"maildir:~/Maildir:DIRNAME=mBoX-MeSsAgEs", "in a directory below its own"},
                                      {"maildir:~/Maildir:LAYOUT=index", "its layout is index"},
                                      {"maildir:~/Maildir:INBOX=/var/inbox", "apart from /u/me/Maildir"},
                                      {"maildir:~/Maildir:LAYOUT=fs:INBOX=~/Maildir/.INBOX", "make a link (ln -s"},
                                      {"maildir:/mail/%{ldap:dir}", "of which only Dovecot knows"},
                                      {"maildir:/mail/%1n", "of which only Dovecot knows"},
                                      {"maildir:/mail/%", "of which only Dovecot knows"}})
    EXPECT_THAT(at(location).fault, HasSubstr(why)) << location;
}

TEST(DovecotMail, AnInboxThatIsLinked) {
  const TempDirectory directory;
  const auto mail = directory.path() / "Maildir", inbox = directory.path() / "inbox";
  fs::create_directories(mail);
  fs::create_directories(inbox);
  const auto location = "maildir:" + mail.string() + ":LAYOUT=fs:INBOX=" + inbox.string();
  EXPECT_THAT(at(location).fault, HasSubstr("ln -s " + inbox.string() + " " + mail.string() + "/INBOX"));
  fs::create_directory_symlink(inbox, mail / "INBOX");
  EXPECT_EQ(at(location).fault, "");
}

TEST(DovecotMail, Namespaces) {
  const auto found = at("maildir:~/Maildir",
                        "namespace inbox {\n  inbox = yes\n  location = \n  prefix = INBOX.\n  mailbox Sent {\n"
                        "    special_use = \\Sent\n  }\n}\nnamespace old {\n  location = mbox:~/old\n}\n"
                        "passdb {\n  mail_location = mbox:/x\n}\n");
  EXPECT_EQ(found.path, "/u/me/Maildir");
  EXPECT_THAT(found.told, testing::UnorderedElementsAre(HasSubstr("without the prefix INBOX."),
                                                        HasSubstr("the namespace old lies elsewhere (mbox:~/old)")));
  EXPECT_EQ(at("mbox:~/m", "namespace inbox {\n  inbox = yes\n  location = maildir:~/Maildir\n}\n").path,
            "/u/me/Maildir");
}

TEST(DovecotMail, OfDovecot24) {
  const std::string text =
      "dovecot_config_version = 2.4.0\nmail_driver = maildir\nmail_path = ~/Maildir\nmailbox_list_layout = fs\n"
      "mail_inbox_path = %{home}/Maildir/INBOX\nmail_control_path = /control/%{user | username}\n";
  const mirror::DovecotUser user{"/u/me", "me"};
  EXPECT_THAT(mirror::dovecot_mail(text, user).fault, HasSubstr("only Dovecot knows"));
  const auto found = mirror::dovecot_mail(text + "mail_control_path = /control/%{user}\n", user);
  EXPECT_EQ(found.fault, "");
  EXPECT_EQ(found.path, "/u/me/Maildir");
  EXPECT_EQ(found.control, "/control/me");
  EXPECT_THAT(mirror::dovecot_mail("mail_driver = sdbox\nmail_path = ~/s\n", user).fault, HasSubstr("is sdbox"));
}

TEST(DovecotMail, Nonsense) {
  for (const auto* text : {"", "}\n}\n", "a {\n", "= x\n", "mail_location\n", "namespace {\nlocation = maildir\n}\n"})
    EXPECT_NE(mirror::dovecot_mail(text, {"/h", "u"}).fault, "") << text;
}

}  // namespace
}  // namespace tests
