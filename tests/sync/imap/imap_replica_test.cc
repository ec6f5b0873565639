// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// ImapReplica over TCP: connecting (TLS, PREAUTH, login, QRESYNC), listing, making and subscribing mailboxes.
#include "sync/imap/imap_replica.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/sync/imap/replica_conversation.h"

namespace tests {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(ImapReplica, ListsInOneCommand) {
  agree(Conversation()
            .says("* PREAUTH [CAPABILITY IMAP4rev1 LIST-EXTENDED LIST-STATUS SPECIAL-USE ENABLE QRESYNC] hello\r\n")
            .expects("1 LIST \"\" \"*\" RETURN (SUBSCRIBED SPECIAL-USE STATUS (MESSAGES UIDNEXT UIDVALIDITY "
                     "HIGHESTMODSEQ))\r\n")
            .says("* LIST (\\Subscribed) \".\" inbox\r\n* STATUS inbox (MESSAGES 3 UIDNEXT 9 UIDVALIDITY 7 "
                  "HIGHESTMODSEQ 50)\r\n* LIST (\\Noselect) \".\" lists\r\n* LIST (\\Sent) \".\" \"lists.a b\"\r\n"
                  "* LIST (\\Subscribed \\NonExistent) \".\" gone\r\n1 OK done\r\n"),
        list("INBOX subscribed 7:9:50:3\ngone (none) subscribed\nlists (none)\nlists/a b \\Sent\n"));
}

TEST(ImapReplica, ListsInSteps) {
  agree(Conversation()
            .says("* PREAUTH [CAPABILITY IMAP4rev1] hello\r\n")
            .expects("1 LIST \"\" \"*\"\r\n2 LSUB \"\" \"*\"\r\n")
            .says("* LIST () \"/\" INBOX\r\n* LIST () \"/\" \"a/b\"\r\n* LIST (\\Noselect) \"/\" a\r\n1 OK done\r\n"
                  "* LSUB () \"/\" \"a/b\"\r\n2 OK done\r\n")
            .expects("3 STATUS INBOX (MESSAGES UIDNEXT UIDVALIDITY UNSEEN)\r\n4 STATUS a/b (MESSAGES UIDNEXT "
                     "UIDVALIDITY UNSEEN)\r\n")
            .says("3 NO not now\r\n* STATUS \"a/b\" (UIDNEXT 2 MESSAGES 1 UIDVALIDITY 4)\r\n4 OK done\r\n"),
        list("INBOX\na (none)\na/b subscribed 4:2:0:1\n"));
}

// Whatever the server writes for a name is what it is told in every command.
TEST(ImapReplica, UsesTheServersOwnSpelling) {
  agree(Conversation()
            .says("* PREAUTH [CAPABILITY IMAP4rev1] hello\r\n")
            .expects("1 LIST \"\" \"*\"\r\n2 LSUB \"\" \"*\"\r\n")
            .says("* LIST () \"/\" Inbox\r\n* LIST () \"/\" \"R&D\"\r\n* LIST () \"/\" {4}\r\nCaf\xe9\r\n1 OK done\r\n"
                  "* LSUB () \"/\" \"R&D\"\r\n2 OK done\r\n")
            .expects("3 STATUS {4}\r\n")
            .says("+ go on\r\n")
            .expects("Caf\xe9 (MESSAGES UIDNEXT UIDVALIDITY UNSEEN)\r\n4 STATUS INBOX (MESSAGES UIDNEXT UIDVALIDITY "
                     "UNSEEN)\r\n"
                     "5 STATUS R&D (MESSAGES UIDNEXT UIDVALIDITY UNSEEN)\r\n")
            .says("* STATUS Inbox (UIDNEXT 2 MESSAGES 1 UIDVALIDITY 4)\r\n4 OK done\r\n"
                  "* STATUS {4}\r\nCaf\xe9 (UIDNEXT 3 MESSAGES 1 UIDVALIDITY 5)\r\n3 OK done\r\n"
                  "* STATUS \"R&D\" (UIDNEXT 4 MESSAGES 1 UIDVALIDITY 6)\r\n5 OK done\r\n")
            .expects("6 CREATE R&D/new\r\n")
            .says("6 OK done\r\n")
            .expects("7 UNSUBSCRIBE R&D\r\n")
            .says("7 OK done\r\n"),
        [](mirror::Replica& replica) -> asio::awaitable<void> {
          const auto entries = co_await replica.list();
          EXPECT_EQ(shown(entries), "INBOX 4:2:0:1\nCaf\xc3\xa9 5:3:0:1\nR&D subscribed 6:4:0:1\n");
          const auto made = co_await replica.create(mirror::MailboxPath(std::string("R&D\0new", 7)), {});
          EXPECT_TRUE(made);
          const auto told = co_await replica.set_subscribed(mirror::MailboxPath("R&D"), false);
          EXPECT_TRUE(told);
        });
}

TEST(ImapReplica, AsksForTheNamespaceTogetherWithTheListing) {
  agree(Conversation()
            .says("* PREAUTH [CAPABILITY IMAP4rev1 NAMESPACE] hello\r\n")
            .expects("1 NAMESPACE\r\n2 LIST \"\" \"*\"\r\n3 LSUB \"\" \"*\"\r\n")
            .says("* NAMESPACE ((\"INBOX.\" \".\")) NIL NIL\r\n1 OK done\r\n* LIST () \".\" INBOX\r\n"
                  "* LIST (\\Noselect) \".\" INBOX.a\r\n* LIST (\\Noselect) \".\" INBOX.a.b\r\n2 OK done\r\n"
                  "* LSUB () \".\" INBOX.a\r\n3 OK done\r\n")
            .expects("4 STATUS INBOX (MESSAGES UIDNEXT UIDVALIDITY UNSEEN)\r\n")
            .says("4 OK done\r\n")
            .expects("5 CREATE INBOX.c\r\n")
            .says("5 OK done\r\n"),
        [](mirror::Replica& replica) -> asio::awaitable<void> {
          const auto entries = co_await replica.list();
          EXPECT_EQ(shown(entries), "a (none) subscribed\na/b (none)\nINBOX\n");
          const auto made = co_await replica.create(mirror::MailboxPath("c"), {});
          EXPECT_TRUE(made);
        });
}

TEST(ImapReplica, DoesNotBelieveAListingWithoutInbox) {
  agree(Conversation()
            .says("* PREAUTH [CAPABILITY IMAP4rev1] hello\r\n")
            .expects("1 LIST \"\" \"*\"\r\n2 LSUB \"\" \"*\"\r\n")
            .says("1 OK done\r\n2 OK done\r\n")
            .expects("3 LIST \"\" \"INBOX\"\r\n")
            .says("* LIST () \"/\" INBOX\r\n3 OK done\r\n")
            .expects("4 LIST \"\" \"*\"\r\n5 LSUB \"\" \"*\"\r\n6 LIST \"\" \"INBOX\"\r\n7 LSUB \"\" \"INBOX\"\r\n")
            .says("* LIST () \"/\" a\r\n4 OK done\r\n5 OK done\r\n* LIST () \"/\" INBOX\r\n6 OK done\r\n7 OK done\r\n")
            .expects("8 STATUS INBOX (MESSAGES UIDNEXT UIDVALIDITY UNSEEN)\r\n9 STATUS a (MESSAGES UIDNEXT UIDVALIDITY "
                     "UNSEEN)\r\n")
            .says("8 OK done\r\n9 OK done\r\n"),
        list("INBOX\na\n"));
}

TEST(ImapReplica, SaysWhatItLeavesOut) {
  agree(Conversation()
            .says("* PREAUTH [CAPABILITY IMAP4rev1 LIST-EXTENDED LIST-STATUS] hello\r\n")
            .expects("1 LIST \"\" \"*\" RETURN (SUBSCRIBED STATUS (MESSAGES UIDNEXT UIDVALIDITY UNSEEN))\r\n")
            .says("* LIST () \"/\" INBOX\r\n* LIST () \"/\" \"A&B\"\r\n* LIST () \"/\" \"A&-B\"\r\n"
                  "* LIST (\\X \"/\" broken\r\n1 OK done\r\n"),
        [](mirror::Replica& replica) -> asio::awaitable<void> {
          const auto entries = co_await replica.list();
          EXPECT_EQ(shown(entries), "A&B\nINBOX\n");
          const auto left_out = replica.left_out();
          EXPECT_EQ(left_out.size(), 2U);
          if (left_out.size() != 2) co_return;
          EXPECT_EQ(left_out[0].path.shown(), "A&B");
          EXPECT_TRUE(left_out[1].path.empty());
          EXPECT_NE(left_out[1].why.find("not understood"), std::string::npos);
        });
}

// Neither side may fill the other's buffers while nobody reads.
TEST(ImapReplica, AsksForSoManyMailboxesAtOnceAndNoMore) {
  constexpr int kAll = 70, kAtOnce = 64;
  std::string listed, asked, answered, asked_later, answered_later;
  for (int i = 0; i < kAll; ++i) {
    const auto name = i == 0 ? "INBOX" : "m" + std::to_string(100 + i), tag = std::to_string(3 + i);
    listed += "* LIST () NIL " + name + "\r\n";
    (i < kAtOnce ? asked : asked_later) += tag + " STATUS " + name + " (MESSAGES UIDNEXT UIDVALIDITY UNSEEN)\r\n";
    (i < kAtOnce ? answered : answered_later) += tag + " OK done\r\n";
  }
  agree(Conversation()
            .says("* PREAUTH [CAPABILITY IMAP4rev1] hello\r\n")
            .expects("1 LIST \"\" \"*\"\r\n2 LSUB \"\" \"*\"\r\n")
            .says(listed + "1 OK done\r\n2 OK done\r\n")
            .expects(asked)
            .says(answered)
            .expects(asked_later)
            .says(answered_later),
        [](mirror::Replica& replica) -> asio::awaitable<void> {
          const auto entries = co_await replica.list();
          EXPECT_EQ(entries.size(), static_cast<std::size_t>(kAll));
        });
}

TEST(ImapReplica, AListThatFailsIsNoEmptyOne) {
  const auto out = play(plain(),
                        {Conversation()
                             .says("* PREAUTH [CAPABILITY IMAP4rev1] hello\r\n")
                             .expects("1 LIST \"\" \"*\"\r\n2 LSUB \"\" \"*\"\r\n")
                             .says("1 NO the disk is gone\r\n2 OK done\r\n")},
                        list(""));
  EXPECT_THAT(out.failure, HasSubstr("the disk is gone"));
}

TEST(ImapReplica, MakesAndSubscribes) {
  agree(Conversation()
            .says("* PREAUTH [CAPABILITY IMAP4rev1 CREATE-SPECIAL-USE] hello\r\n")
            .expects("1 LIST \"\" \"*\"\r\n2 LSUB \"\" \"*\"\r\n")
            .says("* LIST () \".\" INBOX\r\n1 OK done\r\n2 OK done\r\n")
            .expects("3 STATUS INBOX (MESSAGES UIDNEXT UIDVALIDITY UNSEEN)\r\n")
            .says("3 OK done\r\n")
            .expects("4 CREATE a.b (USE (\\Sent))\r\n")
            .says("4 OK done\r\n")
            .expects("5 CREATE c\r\n")
            .says("5 NO [ALREADYEXISTS] is there\r\n")
            .expects("6 SUBSCRIBE a.b\r\n")
            .says("6 OK done\r\n")
            .expects("7 UNSUBSCRIBE c\r\n")
            .says("7 NO [NOPERM] no\r\n"),
        [](mirror::Replica& replica) -> asio::awaitable<void> {
          co_await replica.list();
          const mirror::MailboxPath nested(std::string("a\0b", 3)), other("c"), impossible("x.y");
          const auto made = co_await replica.create(nested, {"\\Sent"});
          EXPECT_TRUE(made.has_value());
          const auto there = co_await replica.create(other, {});
          EXPECT_TRUE(there.has_value());
          const auto never = co_await replica.create(impossible, {});
          EXPECT_FALSE(never.has_value());
          const auto subscribed = co_await replica.set_subscribed(nested, true);
          EXPECT_TRUE(subscribed.has_value());
          const auto refused = co_await replica.set_subscribed(other, false);
          EXPECT_FALSE(refused.has_value());
        });
}

TEST(ImapReplica, TlsThatIsWantedIsNeverGivenUp) {
  auto config = plain();
  config.start_tls = true;
  const auto failure = [&](const Conversation& server) { return play(config, {server}, list("")).failure; };
  EXPECT_THAT(failure(Conversation().says("* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] hello\r\n")), HasSubstr("STARTTLS"));
  EXPECT_THAT(failure(Conversation().says("* PREAUTH [CAPABILITY IMAP4rev1 STARTTLS] hello\r\n")),
              HasSubstr("PREAUTH"));
  EXPECT_THAT(failure(Conversation()
                          .says("* OK [CAPABILITY IMAP4rev1 STARTTLS] hello\r\n")
                          .expects("1 STARTTLS\r\n")
                          .says("1 OK go on\r\n* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\n")),
              HasSubstr("listening in"));
  EXPECT_THAT(failure(Conversation()
                          .says("* OK [CAPABILITY IMAP4rev1 STARTTLS] hello\r\n")
                          .expects("1 STARTTLS\r\n")
                          .says("1 BAD no\r\n")),
              HasSubstr("STARTTLS"));
}

TEST(ImapReplica, WithoutAUserNoLogin) {
  auto config = plain();
  config.username.clear();
  const auto out = play(config, {Conversation().says("* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] hello\r\n")}, list(""));
  EXPECT_THAT(out.failure, HasSubstr("no username"));
}

// COMPRESS with the login, where an earlier connection has shown that the server has it.
TEST(ImapReplica, CompressionThatIsBegunWithTheLogin) {
  const auto greeting = "* OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN] hello\r\n";
  const auto both = "1 AUTHENTICATE PLAIN AGpvZQBzZXNhbWU=\r\n2 COMPRESS DEFLATE\r\n";
  using mirror::EarlyCompression;
  auto early = EarlyCompression::Works;
  const auto connect = [&](const std::vector<Conversation>& servers) {
    return play(
        plain(), servers,
        [&](mirror::Replica& replica) -> asio::awaitable<void> {
          const auto done = co_await replica.set_subscribed(mirror::MailboxPath("a"), true);
          EXPECT_TRUE(done.has_value());
        },
        &early);
  };
  // It has it no longer.
  auto out = connect({Conversation()
                          .says(greeting)
                          .expects(both)
                          .says("1 OK [CAPABILITY IMAP4rev1] in\r\n2 BAD what?\r\n")
                          .expects("3 SUBSCRIBE a\r\n")
                          .says("3 OK done\r\n")});
  EXPECT_EQ(out.server + out.failure, "");
  EXPECT_EQ(early, EarlyCompression::Fails);
  // Something between does not bear it: again, one after the other.
  early = EarlyCompression::Works;
  out = connect({Conversation().says(greeting).expects(both).says("9 BAD one at a time\r\n"),
                 Conversation()
                     .says(greeting)
                     .expects("1 AUTHENTICATE PLAIN AGpvZQBzZXNhbWU=\r\n")
                     .says("1 OK [CAPABILITY IMAP4rev1] in\r\n")
                     .expects("2 SUBSCRIBE a\r\n")
                     .says("2 OK done\r\n")});
  EXPECT_EQ(out.server + out.failure, "");
  EXPECT_EQ(early, EarlyCompression::Fails);
  // A refused login is none of its faults, and is not tried twice.
  early = EarlyCompression::Works;
  out = connect({Conversation().says(greeting).expects(both).says("1 NO wrong\r\n2 BAD not yet\r\n")});
  EXPECT_THAT(out.failure, HasSubstr("refuses the login"));
  EXPECT_EQ(early, EarlyCompression::Works);
}

// Cyrus 3.6 drops what comes behind AUTHENTICATE: that costs seconds, and once.
TEST(ImapReplica, CompressionThatIsDroppedBehindTheLogin) {
  const auto greeting = "* OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN] hello\r\n";
  auto early = mirror::EarlyCompression::Works;
  const auto start = std::chrono::steady_clock::now();
  const auto out = play(
      plain(),
      {Conversation()
           .says(greeting)
           .expects("1 AUTHENTICATE PLAIN AGpvZQBzZXNhbWU=\r\n2 COMPRESS DEFLATE\r\n")
           .says("1 OK [CAPABILITY IMAP4rev1] in\r\n")
           .expects("never"),
       Conversation()
           .says(greeting)
           .expects("1 AUTHENTICATE PLAIN AGpvZQBzZXNhbWU=\r\n")
           .says("1 OK [CAPABILITY IMAP4rev1] in\r\n")
           .expects("2 SUBSCRIBE a\r\n")
           .says("2 OK done\r\n")},
      [](mirror::Replica& replica) -> asio::awaitable<void> {
        const auto done = co_await replica.set_subscribed(mirror::MailboxPath("a"), true);
        EXPECT_TRUE(done.has_value());
      },
      &early);
  EXPECT_EQ(out.failure, "");
  EXPECT_EQ(early, mirror::EarlyCompression::Fails);
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(10));
}

// 163.com and 126.com want to know who it is before a mailbox is opened; nobody waits for the answer.
TEST(ImapReplica, SaysWhoItIsWhereTheServerAsks) {
  for (const std::string_view answer : {"* ID NIL\r\n1 OK done\r\n", "1 BAD what?\r\n"})
    agree(Conversation()
              .says("* PREAUTH [CAPABILITY IMAP4rev1 ID] hello\r\n")
              .expects("1 ID (\"name\" \"postern\")\r\n2 SELECT INBOX\r\n")
              .says(std::string(answer) + "* 0 EXISTS\r\n* OK [UIDVALIDITY 7] .\r\n* OK [UIDNEXT 1] .\r\n2 OK done\r\n")
              .expects("3 SUBSCRIBE INBOX\r\n")
              .says("3 OK done\r\n"),
          [](mirror::Replica& replica) -> asio::awaitable<void> {
            const mirror::MailboxPath inbox("INBOX");
            {
              auto mailbox = co_await replica.open(inbox, mirror::Effort::Little);
              co_await (*mailbox)->changes({}, {});
            }
            const auto done = co_await replica.set_subscribed(inbox, true);
            EXPECT_TRUE(done.has_value());
          });
}

TEST(ImapReplica, TlsOnAPortWithoutItIsSaid) {
  auto config = plain();
  config.type = ServerConfig::Type::Imaps;
  const auto out =
      play(config, {Conversation().says("* OK [CAPABILITY IMAP4rev1] hello\r\n").expects("\x16")}, list(""));
  EXPECT_THAT(out.failure, HasSubstr("type = imap,"));
}

// What was announced and not granted is not used.
TEST(ImapReplica, QresyncThatIsNotGranted) {
  agree(Conversation()
            .says("* PREAUTH [CAPABILITY IMAP4rev1 ENABLE QRESYNC CONDSTORE] hello\r\n")
            .expects("1 ENABLE QRESYNC\r\n2 SELECT INBOX (QRESYNC (7 4))\r\n")
            .says("* ENABLED\r\n1 OK done\r\n* VANISHED (EARLIER) 1:9\r\n2 BAD QRESYNC is not enabled\r\n")
            .expects("3 SELECT INBOX (CONDSTORE)\r\n")
            .says("* 0 EXISTS\r\n* OK [UIDVALIDITY 7] .\r\n* OK [UIDNEXT 1] .\r\n* OK [HIGHESTMODSEQ 5] .\r\n"
                  "3 OK done\r\n"),
        [](mirror::Replica& replica) -> asio::awaitable<void> {
          auto mailbox = co_await replica.open(mirror::MailboxPath("INBOX"), mirror::Effort::Little);
          EXPECT_TRUE(mailbox.has_value());
          const auto said = co_await (*mailbox)->changes({imap::UidValidity(7), imap::Uid(1), imap::ModSeq(4), 0}, {});
          EXPECT_TRUE(said.complete);
          EXPECT_TRUE(said.vanished.empty());
          EXPECT_EQ(said.state.modseq, imap::ModSeq(5));
        });
}

// A connection that is in the middle of something is not used again.
TEST(ImapReplica, ABrokenConnectionIsNotGivenToTheNext) {
  const auto greeting = "* PREAUTH [CAPABILITY IMAP4rev1] hello\r\n";
  const auto out = play(plain(),
                        {Conversation().says(greeting).expects("1 SELECT INBOX\r\n").says("nonsense\r\n"),
                         Conversation().says(greeting).expects("1 SUBSCRIBE INBOX\r\n").says("1 OK done\r\n")},
                        [](mirror::Replica& replica) -> asio::awaitable<void> {
                          const mirror::MailboxPath inbox("INBOX");
                          {
                            auto mailbox = co_await replica.open(inbox, mirror::Effort::Little);
                            std::string why;
                            try {
                              co_await (*mailbox)->changes({}, {});
                            } catch (const mirror::Failure& failure) {
                              why = failure.what();
                            }
                            EXPECT_THAT(why, HasSubstr("no IMAP"));
                          }
                          const auto done = co_await replica.set_subscribed(inbox, true);
                          EXPECT_TRUE(done.has_value());
                        });
  EXPECT_EQ(out.server, "");
  EXPECT_EQ(out.failure, "");
}

}  // namespace
}  // namespace tests
