// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "tests/support/command_text.h"

namespace {

using namespace imap;
using tests::expect_both_ways;
using tests::expect_malformed;

TEST(Create, both_ways) {
  expect_both_ways("CREATE owatagusiam/", CreateCommand{MailboxName("owatagusiam/"), {}});
  expect_both_ways("CREATE a (USE (\\Sent))", CreateCommand{MailboxName("a"), {"\\Sent"}});
  expect_both_ways("CREATE a (USE (\\Sent \\Drafts))", CreateCommand{MailboxName("a"), {"\\Sent", "\\Drafts"}});
  expect_both_ways("CREATE a (use ())", CreateCommand{MailboxName("a"), {}}, "CREATE a");
}

TEST(Create, malformed) {
  expect_malformed({"CREATE", "CREATE ", "CREATE a b", "CREATE a ()", "CREATE a (USE)", "CREATE a (USE \\Sent)",
                    "CREATE a (USE (Sent))", "CREATE a (USE (\\*))", "CREATE a (USE (\\Sent)", "CREATE (a)",
                    "CREATE a*", "CREATE a%", "CREATE \"a"});
}

TEST(Names, both_ways) {
  expect_both_ways("DELETE INBOX", DeleteCommand{MailboxName("INBOX")});
  expect_both_ways("SUBSCRIBE #news.comp", SubscribeCommand{MailboxName("#news.comp")});
  expect_both_ways("UNSUBSCRIBE \"a b\"", UnsubscribeCommand{MailboxName("a b")});
  expect_both_ways("RENAME a \"b \\\"c\\\"\"", RenameCommand{MailboxName("a"), MailboxName("b \"c\"")});
  expect_both_ways("RENAME INBOX old", RenameCommand{MailboxName("INBOX"), MailboxName("old")});
  expect_both_ways("DELETE \"\"", DeleteCommand{MailboxName("")});
  expect_both_ways("DELETE a&-b", DeleteCommand{MailboxName("a&b")});
  expect_both_ways(
      "DELETE ~peter/mail/&U,BTFw-/&ZeVnLIqe-",
      DeleteCommand{MailboxName("~peter/mail/\xe5\x8f\xb0\xe5\x8c\x97/\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e")});
}

TEST(Names, utf8_is_understood_where_it_is_unambiguous) {
  expect_both_ways("DELETE \"\xc3\xa4\"", DeleteCommand{MailboxName("\xc3\xa4")}, "DELETE &AOQ-");
  expect_both_ways("DELETE \xc3\xa4", DeleteCommand{MailboxName("\xc3\xa4")}, "DELETE &AOQ-");
  expect_both_ways("DELETE {2+}\r\n\xc3\xa4", DeleteCommand{MailboxName("\xc3\xa4")}, "DELETE &AOQ-");
  expect_malformed({"DELETE \"\xc3\xa4&AOQ-\"", "DELETE \"\xc3\"", "DELETE \"\xed\xa0\x80\"", "DELETE \"\xc0\xaf\""});
}

TEST(Names, malformed) {
  expect_malformed({"DELETE", "DELETE a b", "SUBSCRIBE", "UNSUBSCRIBE", "RENAME a", "RENAME a b c", "DELETE &",
                    "DELETE &AA", "DELETE &AGEAYg-", "DELETE &2AA-", "DELETE &AOQ-&AOQ-", "DELETE &!-",
                    std::string_view("DELETE \"a\0\"", 11), std::string_view("DELETE {2+}\r\na\0", 15)});
}

TEST(Status, both_ways) {
  expect_both_ways("STATUS blurdybloop (UIDNEXT MESSAGES)",
                   StatusCommand{MailboxName("blurdybloop"), {.messages = true, .uid_next = true}},
                   "STATUS blurdybloop (MESSAGES UIDNEXT)");
  expect_both_ways(
      "STATUS INBOX (MESSAGES RECENT UIDNEXT UIDVALIDITY UNSEEN HIGHESTMODSEQ SIZE DELETED MAILBOXID APPENDLIMIT)",
      StatusCommand{MailboxName("INBOX"),
                    {.messages = true,
                     .recent = true,
                     .uid_next = true,
                     .uid_validity = true,
                     .unseen = true,
                     .highest_modseq = true,
                     .size = true,
                     .deleted = true,
                     .mailbox_id = true,
                     .append_limit = true}});
  expect_malformed({"STATUS", "STATUS a", "STATUS a ()", "STATUS a MESSAGES", "STATUS a (MESSAGES", "STATUS a (FLAGS)",
                    "STATUS (MESSAGES) a", "STATUS a (MESSAGES) x"});
}

}  // namespace
