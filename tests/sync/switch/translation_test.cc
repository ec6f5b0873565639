// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Other tools' configurations as ours, and what of them is named as not taken over.
#include "sync/switch/translation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "sync/config/config_reader.h"

namespace tests {
namespace {

using mirror::translate_interimap;
using mirror::translate_mbsync;
using mirror::translate_offlineimap;
using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

const std::string kMbsync =
    "# mine\nSyncState *\n\nIMAPAccount work\nHost imap.example.org\nUser me\nPassCmd \"+pass show \\\"my mail\\\"\"\n"
    "TLSType IMAPS\nCertificateFile ~/ca.pem\nAuthMechs LOGIN\n\nIMAPStore there\nAccount work\n\n"
    "MaildirStore here\nPath ~/Mail/office/\nInbox ~/Mail/office/Inbox\nSubFolders Verbatim\n\n";

std::string written(const mirror::Translation& from) {
  EXPECT_EQ(from.fault, "");
  const auto text = text_of(from, "");
  for (const auto& name : mirror::account_names(text)) {  // each of them is a configuration
    mirror::ConfigReader reader("/config", name);
    reader.read(text);
    EXPECT_TRUE(reader.result()) << reader.result().error().text << '\n' << text;
  }
  return text;
}

TEST(TranslateMbsync, OneAccount) {
  const auto from = translate_mbsync(
      kMbsync + "Channel mail\nFar :there:\nNear :here:\nPatterns * !Spam !\"old/%\"\nCreate Both\nExpunge Both\n",
      "/h");
  EXPECT_THAT(from.left_out, IsEmpty());
  EXPECT_EQ(written(from),
            "ignore-mailbox = ^(?:Spam|old\\x00[^\\x00]*)$\n[local]\npath = /h/Mail/office\n[remote]\ntype = imaps\n"
            "host = imap.example.org\nusername = me\npassword-command = pass show \"my mail\"\nSSL_CAfile = /h/ca.pem\n"
            "auth = LOGIN\n");
}

TEST(TranslateMbsync, ChannelsOfSingleMailboxesAreOneAccount) {
  const auto from = translate_mbsync(kMbsync +
                                         "Channel a\nMaster :there:\nSlave :here:\nExpunge Both\n\n"
                                         "Channel b\nFar :there:lists/one\nNear :here:lists/one\nExpunge Both\n\n"
                                         "Channel c\nFar :there:\"[Gmail]/Sent\"\nNear :here:sent\nExpunge Both\n\n"
                                         "Group all\nChannel a\nChannel b\n",
                                     "/h");
  EXPECT_THAT(written(from), HasSubstr("list-mailbox = \"INBOX\" \"lists\\x00one\"\n"));
  EXPECT_THAT(from.left_out, Contains(HasSubstr("Channel c: a mailbox has the same name here and there")));
  EXPECT_THAT(from.left_out, Contains(HasSubstr("Group all")));
}

TEST(TranslateMbsync, SeveralAccounts) {
  const auto from =
      translate_mbsync(kMbsync +
                           "Channel one\nFar :there:\nNear :here:\nPatterns *\n\nIMAPStore home\nHost h\nUser u\nPass "
                           "x\nSSLType None\n\n"
                           "MaildirStore homely\nInbox ~/Mail/home\nSubFolders Maildir++\nFlatten .\n\n"
                           "Channel two\nFar :home:\nNear :homely:\nPatterns *\nSyncState ~/states/\nSync Pull\n",
                       "/h");
  const auto text = written(from);
  EXPECT_THAT(text,
              HasSubstr("[local two]\npath = /h/Mail/home\nseparator = .\n[remote two]\ntype = imap\nSTARTTLS = NO\n"));
  EXPECT_THAT(text, HasSubstr("[account two]\nswitch-from = mbsync /h/states/*\nmode = backup\n"));
  EXPECT_THAT(text, HasSubstr("[remote one]\n"));
}

TEST(TranslateMbsync, WhatHasNoPlaceIsNamedAndNoPasswordIsShown) {
  const auto from = translate_mbsync(
      "IMAPStore there\nHost h\nUserCmd \"x\"\nUser u\nPass secret\nUseKeychain yes\n\nMaildirStore here\n"
      "Path ~/m\nInbox ~/elsewhere\nAltMap yes\nTrash t\n\nChannel c\nFar :there:\nNear :here:\nPatterns *\n"
      "MaxMessages 100\nMaxSize 1m\nExpunge None\nRemove Near\nCreate Near\nSync PullNew PushFlags\n",
      "/h");
  written(from);
  for (const auto* word : {"UserCmd", "UseKeychain", "Inbox ~/elsewhere", "AltMap", "Trash", "MaxMessages 100",
                           "MaxSize", "Expunge None", "Remove Near", "Create Near", "Sync PullNew PushFlags"})
    EXPECT_THAT(from.left_out, Contains(HasSubstr(word))) << word;
  for (const auto& one : from.left_out) EXPECT_THAT(one, Not(HasSubstr("secret")));
}

TEST(TranslateMbsync, ModesOfChannelsAreModesOfMailboxes) {
  const auto from = translate_mbsync(
      "Create Both\nExpunge Both\n" + kMbsync +
          "Channel box\nFar :there:\nNear :here:\n\nChannel out\nFar :there:lists\nNear :here:lists\nSync Push\n\n"
          "Channel rest\nFar :there:\nNear :here:\nPatterns * !INBOX !lists\nSync Pull\n\n"
          "Channel more\nFar :there:\nNear :here:\nPatterns archive/* %/old\n\n"
          "Channel off\nFar :there:x\nNear :here:x\nSync None\n",
      "/h");
  const auto text = written(from);
  EXPECT_THAT(text, HasSubstr("mode = backup\nmode INBOX = both\nmode lists = send\nmode archive/* = both\n"));
  for (const auto* word : {"Sync None: it synchronises nothing", "Sync Pull: mode = backup is written",
                           "and not of %/old", "ignore-mailbox holds for all channels"})
    EXPECT_THAT(from.left_out, Contains(HasSubstr(word))) << word;
  EXPECT_THAT(from.left_out, Not(Contains(HasSubstr("Expunge"))));
}

TEST(TranslateMbsync, WhatIsNotSaidIsNamedToo) {
  const auto from = translate_mbsync("Sync Full\nMaxMessages 100\n" + kMbsync +
                                         "Channel a\nFar :there:\nNear :here:\nPatterns * !lists/* lists/kept\n"
                                         "Remove None\n\nChannel b\nFar :there:one\nNear :here:one\n",
                                     "/h");
  EXPECT_THAT(written(from), HasSubstr("delete-mailboxes = no\n"));
  EXPECT_THAT(from.left_out, Contains(HasSubstr("Channel a: without Expunge mbsync leaves")));
  EXPECT_THAT(from.left_out, Contains(HasSubstr("Channel b: without Create mbsync makes no mailboxes")));
  EXPECT_THAT(from.left_out, Contains(HasSubstr("also lists/kept where a pattern before it does")));
  EXPECT_EQ(std::ranges::count_if(from.left_out, [](const auto& one) { return one.contains("MaxMessages 100"); }), 1);
}

TEST(TranslateMbsync, DirectionsAndTypes) {
  const auto mode = [](const std::string& sync) {
    const auto text = written(
        translate_mbsync(kMbsync + "Channel a\nFar :there:\nNear :here:\nPatterns *\nSync " + sync + "\n", "/h"));
    const auto at = text.find("mode = ");
    return at == std::string::npos ? "both" : text.substr(at + 7, text.find('\n', at) - at - 7);
  };
  for (const auto* both : {"All", "Full", "Pull Push", "PullFull PushAll", "New ReNew Delete Flags",
                           "New Upgrade Gone Flags", "Pull Push New ReNew Delete Flags"})
    EXPECT_EQ(mode(both), "both") << both;
  for (const auto* one : {"Pull", "PullNew PullFlags", "New", "PullNew PushFlags", "Pull New", "New Flags"})
    EXPECT_EQ(mode(one), "backup") << one;
  for (const auto* one : {"Push", "PushNew", "Push New Flags"}) EXPECT_EQ(mode(one), "send") << one;
}

TEST(TranslateMbsync, StatesLieWhereMbsyncPutsThem) {
  const auto text =
      written(translate_mbsync("IMAPStore far\nHost h\nUser u\n\nMaildirStore near\nPath ~/m\nInbox ~/m/INBOX\n\n"
                               "Channel c\nFar :far:\nNear :near:\nPatterns *\n",
                               "/h"));
  EXPECT_THAT(text, HasSubstr("switch-from = mbsync /h/.mbsync/:far:*_:near:*\n"));
}

TEST(TranslateMbsync, NothingToWrite) {
  for (const auto* text : {"", "\n\n", "IMAPStore a\nHost h\n", "Channel c\nFar :a:\nNear :b:\n", "Channel\n",
                           "\x01\x02", "Channel c\nFar a\nNear\n"})
    EXPECT_NE(translate_mbsync(text, "/h").fault, "") << text;
}

const std::string kOfflineImap =
    "[general]\naccounts = Main\n[Account Main]\nlocalrepository = L\nremoterepository = R\nautorefresh = 5\n"
    "[Repository L]\ntype = Maildir\nlocalfolders = ~/Mail\n"
    "[Repository R]\ntype = IMAP\nremotehost: imap.example.org\nremoteuser = me\nremotepassfile = ~/.pw\n"
    "sslcacertfile = OS-DEFAULT\n";

TEST(TranslateOfflineImap, OneAccount) {
  const auto from = translate_offlineimap(kOfflineImap, "/h");
  EXPECT_THAT(from.left_out, IsEmpty());
  EXPECT_EQ(written(from),
            "switch-from = offlineimap /h/.offlineimap/Account-Main/Repository-R\ninterval = 300\n"
            "[local]\npath = /h/Mail\nseparator = .\n[remote]\ntype = imaps\nhost = imap.example.org\nusername = me\n"
            "password-command = cat /h/.pw\n");
}

TEST(TranslateOfflineImap, AFilesNameIsOneWordForTheShell) {
  auto text = kOfflineImap;
  text.replace(text.find("~/.pw"), 5, "/my secrets; touch it's");
  EXPECT_THAT(written(translate_offlineimap(text, "/h")),
              HasSubstr("password-command = cat '/my secrets; touch it'\\''s'\n"));
}

TEST(TranslateOfflineImap, ProgramsAreNamed) {
  const auto from = translate_offlineimap(kOfflineImap +
                                              "folderfilter = lambda f:\n  f not in\n  ['x']\nnametrans = lambda f: f\n"
                                              "remotepasseval = secret()\nreadonly = yes\nssl_version = tls1_2\n"
                                              "[Repository L]\nsep = /\n",
                                          "/h");
  const auto text = written(from);
  EXPECT_THAT(text, Not(HasSubstr("separator")));
  EXPECT_THAT(text, HasSubstr("mode = backup\n"));
  for (const auto* word : {"folderfilter = lambda f: f not in ['x']", "nametrans", "remotepasseval", "ssl_version"})
    EXPECT_THAT(from.left_out, Contains(HasSubstr(word)));
  for (const auto& one : from.left_out) EXPECT_THAT(one, Not(HasSubstr("secret")));
}

TEST(TranslateOfflineImap, NothingToWrite) {
  for (const auto* text :
       {"", "[general]\naccounts = X\n", "[general]\naccounts = A\n[Account A]\n", "accounts\n[\n]\n"})
    EXPECT_NE(translate_offlineimap(text, "/h").fault, "") << text;
}

TEST(TranslateInterImap, TheLocalServerGoes) {
  const auto from = translate_interimap(
      "database = mine.db\nlist-mailbox = *\n[local]\ntype = tunnel\ncommand = exec doveadm\nlist-reference = p/\n"
      "[remote]\ntype = imaps\nhost = h\nusername = u\npassword = x\n",
      "/h");
  EXPECT_EQ(written(from),
            "database = mine.db\nlist-mailbox = *\n[local]\npath = /h/Mail\nlist-reference = p/\n"
            "[remote]\ntype = imaps\nhost = h\nusername = u\npassword = x\n");
  EXPECT_THAT(from.left_out, Contains(HasSubstr("line 5: command")));
  EXPECT_NE(translate_interimap("", "/h").fault, "");
}

}  // namespace
}  // namespace tests
