// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// ImapMailbox: what it asks servers, and what it makes of answers that lie, lack something or come in the wrong place.
#include "sync/imap/imap_mailbox.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sync/imap/imap_stream.h"
#include "tests/support/conversation.h"

namespace tests {
namespace {

using testing::HasSubstr;
using MailboxBody = std::function<asio::awaitable<void>(mirror::ReplicaMailbox&)>;

constexpr std::string_view kQuick = "* PREAUTH [CAPABILITY IMAP4rev1 QRESYNC CONDSTORE UIDPLUS LITERAL+] hello\r\n";
constexpr std::string_view kPlain = "* PREAUTH [CAPABILITY IMAP4rev1] hello\r\n";

Outcome play(const Conversation& server, const MailboxBody& body, std::size_t cut_after = Conversation::kUncut) {
  const OwningBody owning = [&](std::unique_ptr<mirror::Client> client) -> asio::awaitable<void> {
    co_await client->read_greeting();
    mirror::Connected connected;
    connected.qresync = client->can("QRESYNC");
    connected.client = std::move(client);
    const auto mailbox =
        mirror::make_imap_mailbox(mirror::ImapPool::Lease(nullptr, std::move(connected)), imap::MailboxName("INBOX"));
    co_await body(*mailbox);
  };
  return converse_owning(server, owning, cut_after);
}

void agree(const Conversation& server, const MailboxBody& body) {
  expect_agreement(server, [&](std::size_t cut_after) { return play(server, body, cut_after); });
}

std::string failure(const Conversation& server, const MailboxBody& body) { return expect_failure(play(server, body)); }

mirror::SideState state(std::uint32_t next, std::uint64_t modseq, std::uint32_t messages) {
  return {imap::UidValidity(7), imap::Uid(next), imap::ModSeq(modseq), messages};
}

std::string shown(const mirror::SideChanges& said) {
  std::string out = said.complete ? "all" : "some";
  for (const auto& seen : said.present) {
    out += " " + std::to_string(seen.uid.value);
    if (seen.flags.has(imap::Flag::Seen)) out += "S";
  }
  return out + ", gone " + said.vanished.to_string() + ", next " + std::to_string(said.state.uid_next.value) +
         ", modseq " + std::to_string(said.state.modseq.value) + ", " + std::to_string(said.state.messages);
}

MailboxBody look(mirror::SideState since, imap::UidSet known, const std::string& expected) {
  return [=](mirror::ReplicaMailbox& mailbox) -> asio::awaitable<void> {
    const auto said = co_await mailbox.changes(since, known);
    EXPECT_EQ(shown(said), expected);
  };
}

TEST(ImapMailbox, ChangesFromQresync) {
  agree(Conversation()
            .says(kQuick)
            .expects("1 SELECT INBOX (QRESYNC (7 50))\r\n")
            .says("* OK [CLOSED] before\r\n* 3 EXISTS\r\n* OK [UIDVALIDITY 7] .\r\n* OK [UIDNEXT 9] .\r\n* OK [HIGHEST"
                  "MODSEQ 60] .\r\n* VANISHED (EARLIER) 3\r\n* 1 FETCH (UID 1 FLAGS (\\Seen) MODSEQ (55))\r\n"
                  "* 3 FETCH (UID 8 FLAGS () MODSEQ ())\r\n1 OK [READ-WRITE] done\r\n")
            .expects("2 UID SEARCH UID 3\r\n")
            .says("* SEARCH\r\n2 OK done\r\n"),
        look(state(8, 50, 3), {{1, 3}}, "some 1S 8, gone 3, next 9, modseq 60, 3"));
}

TEST(ImapMailbox, ServerThatKeepsQuietAboutWhatVanishedIsListedWhole) {
  agree(Conversation()
            .says(kQuick)
            .expects("1 SELECT INBOX (QRESYNC (7 50))\r\n")
            .says("* 2 EXISTS\r\n* OK [UIDVALIDITY 7] .\r\n* OK [UIDNEXT 8] .\r\n* OK [HIGHESTMODSEQ 60] .\r\n"
                  "1 OK [READ-WRITE] done\r\n")
            .expects("2 UID FETCH 1:* (FLAGS)\r\n")
            .says("* 1 FETCH (UID 1 FLAGS ())\r\n* 2 FETCH (UID 2 FLAGS ())\r\n2 OK done\r\n")
            .expects("3 UID SEARCH UID 3\r\n")
            .says("* SEARCH\r\n3 OK done\r\n"),
        look(state(8, 50, 3), {{1, 3}}, "all 1 2, gone , next 8, modseq 60, 2"));
}

TEST(ImapMailbox, ModseqThatGoesBackIsNotBelieved) {
  agree(Conversation()
            .says(kQuick)
            .expects("1 SELECT INBOX (QRESYNC (7 50))\r\n")
            .says("* 1 EXISTS\r\n* OK [UIDVALIDITY 7] .\r\n* OK [UIDNEXT 8] .\r\n* OK [HIGHESTMODSEQ 20] .\r\n"
                  "1 OK [READ-WRITE] done\r\n")
            .expects("2 UID FETCH 1:* (FLAGS)\r\n")
            .says("* 1 FETCH (UID 1 FLAGS (\\Seen))\r\n2 OK done\r\n"),
        look(state(8, 50, 1), {{1, 1}}, "all 1S, gone , next 8, modseq 20, 1"));
}

// A flag that changed must not be lost with a line that is not understood.
TEST(ImapMailbox, ALineOnAMessageThatIsNotUnderstoodMakesAllBeListed) {
  agree(Conversation()
            .says(kQuick)
            .expects("1 SELECT INBOX (QRESYNC (7 50))\r\n")
            .says("* 1 EXISTS\r\n* OK [UIDVALIDITY 7] .\r\n* OK [UIDNEXT 8] .\r\n* OK [HIGHESTMODSEQ 60] .\r\n"
                  "* 1 FETCH (UID 1 FLAGS \\Seen MODSEQ (51))\r\n1 OK [READ-WRITE] done\r\n")
            .expects("2 UID FETCH 1:* (FLAGS)\r\n")
            .says("* 1 FETCH (UID 1 FLAGS (\\Seen))\r\n2 OK done\r\n"),
        look(state(8, 50, 1), {{1, 1}}, "all 1S, gone , next 8, modseq 60, 1"));
}

TEST(ImapMailbox, WhatIsNeededAndMissingIsAnErrorByName) {
  const auto said = [](std::string_view lines) {
    return failure(Conversation().says(kPlain).expects("1 SELECT INBOX\r\n").says(lines).says("1 OK done\r\n"),
                   look({}, {}, ""));
  };
  EXPECT_THAT(said("* three EXISTS\r\n* OK [UIDVALIDITY 7] .\r\n"), HasSubstr("EXISTS"));
  EXPECT_THAT(said("* 3 RECENT\r\n* OK [UIDVALIDITY 7] .\r\n"), HasSubstr("EXISTS"));
  EXPECT_THAT(said("* 3 EXISTS\r\n* OK [UIDVALIDITY NIL] .\r\n"), HasSubstr("UIDVALIDITY"));
}

MailboxBody look_doubting(mirror::SideState since, imap::UidSet known, const std::string& expected,
                          const std::string& unsure, const std::string& doubt) {
  return [=](mirror::ReplicaMailbox& mailbox) -> asio::awaitable<void> {
    const auto said = co_await mailbox.changes(since, known);
    EXPECT_EQ(shown(said), expected);
    EXPECT_EQ(said.unsure.to_string(), unsure);
    EXPECT_THAT(said.doubt, HasSubstr(doubt));
    EXPECT_EQ(said.doubt.empty(), doubt.empty());
  };
}

// What is listed is believed; of what was known and is not listed nothing is concluded.
TEST(ImapMailbox, ExistsThatLies) {
  agree(Conversation()
            .says(kPlain)
            .expects("1 SELECT INBOX\r\n")
            .says("* 3 EXISTS\r\n* OK [UIDVALIDITY 7] .\r\n* OK [UIDNEXT 8] .\r\n1 OK done\r\n")
            .expects("2 UID FETCH 1:* (FLAGS)\r\n")
            .says("* 1 FETCH (UID 1 FLAGS ())\r\n* 2 FETCH (UID 2 FLAGS ())\r\n2 OK done\r\n")
            .expects("3 UID FETCH 3:* (FLAGS)\r\n")
            .says("* 2 FETCH (UID 2 FLAGS ())\r\n3 OK done\r\n"),
        look_doubting(state(8, 0, 3), {{2, 4}}, "all 1 2, gone , next 8, modseq 0, 3", "3:4", "listed 2 of 3"));
}

// Yahoo and AOL (RFC 9738): the newest first, or the oldest.
TEST(ImapMailbox, AListingThatComesInPieces) {
  agree(Conversation()
            .says(kPlain)
            .expects("1 SELECT INBOX\r\n")
            .says("* 5 EXISTS\r\n* OK [UIDVALIDITY 7] .\r\n* OK [UIDNEXT 60] .\r\n1 OK done\r\n")
            .expects("2 UID FETCH 1:* (FLAGS)\r\n")
            .says("* 4 FETCH (UID 40 FLAGS ())\r\n* 5 FETCH (UID 50 FLAGS ())\r\n2 OK [MESSAGELIMIT 2 40] some\r\n")
            .expects("3 UID FETCH 1:39 (FLAGS)\r\n")
            .says("* 2 FETCH (UID 20 FLAGS ())\r\n* 3 FETCH (UID 30 FLAGS ())\r\n3 OK [MESSAGELIMIT 2 20] some\r\n")
            .expects("4 UID FETCH 51:* (FLAGS)\r\n")
            .says("* 5 FETCH (UID 50 FLAGS ())\r\n4 OK done\r\n")
            .expects("5 UID FETCH 1:19 (FLAGS)\r\n")
            .says("* 1 FETCH (UID 10 FLAGS (\\Seen))\r\n5 OK done\r\n"),
        look_doubting({}, {}, "all 10S 20 30 40 50, gone , next 60, modseq 0, 5", "", ""));
}

// A server whose index is being made anew says so once.
TEST(ImapMailbox, NoMessagesAtAllIsNotBelievedAtOnce) {
  const auto begun = [] {
    return Conversation()
        .says(kPlain)
        .expects("1 SELECT INBOX\r\n")
        .says("* 0 EXISTS\r\n* OK [UIDVALIDITY 7] .\r\n* OK [UIDNEXT 8] .\r\n1 OK done\r\n")
        .expects("2 UID SEARCH UID 1:3\r\n");
  };
  const auto known = imap::UidSet{{1, 3}};
  const std::string seen = "all, gone , next 8, modseq 0, 0";
  agree(begun().says("* SEARCH 1 3\r\n2 OK done\r\n"),
        look_doubting(state(8, 0, 3), known, seen, "1,3", "not taken for deleted"));
  agree(begun().says("2 OK done\r\n"), look_doubting(state(8, 0, 3), known, seen, "1:3", "not taken for deleted"));
  agree(begun().says("2 BAD what?\r\n"), look_doubting(state(8, 0, 3), known, seen, "1:3", "not taken for deleted"));
  agree(begun()
            .says("* SEARCH\r\n2 OK done\r\n")
            .expects("3 SELECT INBOX\r\n")
            .says("* 3 EXISTS\r\n* OK [UIDVALIDITY 7] .\r\n3 OK done\r\n"),
        look_doubting(state(8, 0, 3), known, seen, "1:3", "not taken for deleted"));
  agree(begun()
            .says("* SEARCH\r\n2 OK done\r\n")
            .expects("3 SELECT INBOX\r\n")
            .says("* 0 EXISTS\r\n* OK [UIDVALIDITY 7] .\r\n3 OK done\r\n"),
        look_doubting(state(8, 0, 3), known, seen, "", ""));
}

TEST(ImapMailbox, WhatComesWhileItIsListed) {
  agree(Conversation()
            .says(kPlain)
            .expects("1 SELECT INBOX\r\n")
            .says("* 1 EXISTS\r\n* OK [UIDVALIDITY 7] .\r\n* OK [UIDNEXT 8] .\r\n1 OK done\r\n")
            .expects("2 UID FETCH 1:* (FLAGS)\r\n")
            .says("* 1 FETCH (UID 1 FLAGS ())\r\n* 2 EXISTS\r\n2 OK done\r\n"),
        look({}, {}, "all 1, gone , next 8, modseq 0, 2"));
}

// CONDSTORE without QRESYNC (Gmail): what has changed is asked for, what is gone is counted.
constexpr std::string_view kCondstore = "* PREAUTH [CAPABILITY IMAP4rev1 CONDSTORE ESEARCH] hello\r\n";

Conversation selected(int exists, int next, int modseq) {
  return Conversation()
      .says(kCondstore)
      .expects("1 SELECT INBOX (CONDSTORE)\r\n")
      .says("* " + std::to_string(exists) + " EXISTS\r\n* OK [UIDVALIDITY 7] .\r\n* OK [UIDNEXT " +
            std::to_string(next) + "] .\r\n* OK [HIGHESTMODSEQ " + std::to_string(modseq) + "] .\r\n1 OK done\r\n");
}

TEST(ImapMailbox, CondstoreAsksForWhatHasChanged) {
  agree(selected(3, 8, 60)
            .expects("2 UID FETCH 1:7 (FLAGS) (CHANGEDSINCE 50)\r\n")
            .says("* 2 FETCH (UID 4 FLAGS (\\Seen) MODSEQ NIL)\r\n2 OK done\r\n"),
        look_doubting(state(8, 50, 3), {{3, 5}}, "some 4S, gone , next 8, modseq 60, 3", "", ""));
  // New messages are told whatever their modseq is.
  agree(selected(5, 10, 60)
            .expects("2 UID FETCH 1:7 (FLAGS) (CHANGEDSINCE 50)\r\n")
            .says("2 OK done\r\n")
            .expects("3 UID FETCH 8:9 (FLAGS RFC822.SIZE)\r\n")
            .says("* 4 FETCH (UID 8 FLAGS ())\r\n* 5 FETCH (UID 9 FLAGS (\\Seen))\r\n3 OK done\r\n"),
        look_doubting(state(8, 50, 3), {{3, 5}}, "some 8 9S, gone , next 10, modseq 60, 5", "", ""));
  // Nothing at all, as after a pass that has changed the other side only.
  agree(selected(3, 8, 50), look_doubting(state(8, 50, 3), {{3, 5}}, "some, gone , next 8, modseq 50, 3", "", ""));
}

TEST(ImapMailbox, CondstoreSearchesForWhatIsGoneAndAsksAgain) {
  const auto begun = [] {
    return selected(3, 9, 60)
        .expects("2 UID FETCH 1:7 (FLAGS) (CHANGEDSINCE 50)\r\n")
        .says("2 OK done\r\n")
        .expects("3 UID FETCH 8 (FLAGS RFC822.SIZE)\r\n")
        .says("* 3 FETCH (UID 8 FLAGS ())\r\n3 OK done\r\n")
        .expects("4 UID SEARCH RETURN (ALL) ALL\r\n");
  };
  const auto known = imap::UidSet{{3, 5}};
  agree(begun()
            .says("* ESEARCH (TAG \"4\") UID ALL 3,5,8\r\n4 OK done\r\n")
            .expects("5 UID FETCH 4 (FLAGS)\r\n")
            .says("5 OK done\r\n"),
        look_doubting(state(8, 50, 3), known, "some 8, gone 4, next 9, modseq 60, 3", "", ""));
  // Asked for it, the server has it: it is not taken for deleted.
  agree(begun()
            .says("* ESEARCH (TAG \"4\") UID ALL 3,5,8\r\n4 OK done\r\n")
            .expects("5 UID FETCH 4 (FLAGS)\r\n")
            .says("* 2 FETCH (UID 4 FLAGS ())\r\n5 OK done\r\n"),
        look_doubting(state(8, 50, 3), known, "some 8, gone , next 9, modseq 60, 3", "4", "not taken for deleted"));
  agree(begun()
            .says("* ESEARCH (TAG \"4\") UID ALL 3,5,8\r\n4 OK done\r\n")
            .expects("5 UID FETCH 4 (FLAGS)\r\n")
            .says("5 NO not now\r\n"),
        look_doubting(state(8, 50, 3), known, "some 8, gone , next 9, modseq 60, 3", "4", "not taken for deleted"));
}

TEST(ImapMailbox, CondstoreThatSaysNoMessagesAtAllIsNotBelievedAtOnce) {
  agree(selected(0, 8, 60)
            .expects("2 UID SEARCH UID 3:5\r\n")
            .says("* SEARCH\r\n2 OK done\r\n")
            .expects("3 SELECT INBOX\r\n")
            .says("* 3 EXISTS\r\n* OK [UIDVALIDITY 7] .\r\n3 OK done\r\n"),
        look_doubting(state(8, 50, 3), {{3, 5}}, "some, gone , next 8, modseq 60, 0", "3:5", "not taken for deleted"));
}

TEST(ImapMailbox, CondstoreThatContradictsItselfIsListedWhole) {
  const std::string_view all = "* 1 FETCH (UID 3 FLAGS (\\Seen))\r\n* 2 FETCH (UID 5 FLAGS ())\r\n";
  const auto listed = [&](Conversation begun, int tag, const std::string& expected) {
    const auto t = std::to_string(tag);
    agree(begun.expects(t + " UID FETCH 1:* (FLAGS)\r\n").says(std::string(all) + t + " OK done\r\n"),
          look_doubting(state(8, 50, 2), {{3, 3}, {5, 5}}, expected, "", ""));
  };
  // A new message, and the modseq stands still; goes back; is none.
  listed(selected(2, 9, 50), 2, "all 3S 5, gone , next 9, modseq 50, 2");
  listed(selected(2, 8, 40), 2, "all 3S 5, gone , next 8, modseq 40, 2");
  listed(selected(2, 8, 0), 2, "all 3S 5, gone , next 8, modseq 0, 2");
  // CHANGEDSINCE is refused.
  listed(selected(2, 8, 60).expects("2 UID FETCH 1:7 (FLAGS) (CHANGEDSINCE 50)\r\n").says("2 BAD what?\r\n"), 3,
         "all 3S 5, gone , next 8, modseq 60, 2");
  // A line that is not understood may have been about a flag.
  listed(selected(2, 8, 60)
             .expects("2 UID FETCH 1:7 (FLAGS) (CHANGEDSINCE 50)\r\n")
             .says("* 1 FETCH (UID 3 FLAGS \\Seen MODSEQ (51))\r\n2 OK done\r\n"),
         3, "all 3S 5, gone , next 8, modseq 60, 2");
  // SEARCH does not find as many as there are, or finds strangers.
  for (const std::string_view found : {"3,5", "3:4", "3:5"})
    agree(selected(1, 8, 60)
              .expects("2 UID FETCH 1:7 (FLAGS) (CHANGEDSINCE 50)\r\n")
              .says("2 OK done\r\n")
              .expects("3 UID SEARCH RETURN (ALL) ALL\r\n")
              .says("* ESEARCH (TAG \"3\") UID ALL " + std::string(found) + "\r\n3 OK done\r\n")
              .expects("4 UID FETCH 1:* (FLAGS)\r\n")
              .says(std::string(all) + "4 OK done\r\n"),
          look_doubting(state(8, 50, 2), {{3, 3}, {5, 5}}, "all 3S 5, gone , next 8, modseq 60, 2", "", ""));
}

// RFC 9738: from the newest down.
TEST(ImapMailbox, ChangesThatComeInPieces) {
  agree(selected(3, 8, 60)
            .expects("2 UID FETCH 1:7 (FLAGS) (CHANGEDSINCE 50)\r\n")
            .says("* 3 FETCH (UID 5 FLAGS (\\Seen) MODSEQ (60))\r\n2 OK [MESSAGELIMIT 1 5] some\r\n")
            .expects("3 UID FETCH 1:4 (FLAGS) (CHANGEDSINCE 50)\r\n")
            .says("* 1 FETCH (UID 3 FLAGS (\\Seen) MODSEQ (x))\r\n3 OK done\r\n"),
        look_doubting(state(8, 50, 3), {{3, 5}}, "some 3S 5S, gone , next 8, modseq 60, 3", "", ""));
}

TEST(ImapMailbox, WithoutUidValidityNothingCanBeKept) {
  const auto server =
      Conversation().says(kPlain).expects("1 SELECT INBOX\r\n").says("* 0 EXISTS\r\n1 OK [READ-WRITE] done\r\n");
  EXPECT_THAT(failure(server, look({}, {}, "")), HasSubstr("UIDVALIDITY"));
}

TEST(ImapMailbox, WithoutUidNextTheLastOneIsKept) {
  agree(Conversation()
            .says(kPlain)
            .expects("1 SELECT INBOX\r\n")
            .says("* 1 EXISTS\r\n* OK [UIDVALIDITY 7] .\r\n1 OK done\r\n")
            .expects("2 UID FETCH 1:* (FLAGS)\r\n")
            .says("* 1 FETCH (UID 3 FLAGS ())\r\n2 OK done\r\n")
            .expects("3 UID SEARCH UID 1:2\r\n")
            .says("* SEARCH\r\n3 OK done\r\n")
            .expects("4 SELECT INBOX\r\n")
            .says("* 1 EXISTS\r\n* OK [UIDVALIDITY 7] .\r\n4 OK done\r\n"),
        look(state(8, 0, 3), {{1, 3}}, "all 3, gone , next 8, modseq 0, 1"));
}

TEST(ImapMailbox, AnotherUidValidityTellsNoChanges) {
  agree(Conversation()
            .says(kQuick)
            .expects("1 SELECT INBOX (QRESYNC (7 50))\r\n")
            .says("* 1 EXISTS\r\n* OK [UIDVALIDITY 8] .\r\n* OK [UIDNEXT 2] .\r\n* OK [HIGHESTMODSEQ 90] .\r\n"
                  "1 OK [READ-WRITE] done\r\n"),
        [](mirror::ReplicaMailbox& mailbox) -> asio::awaitable<void> {
          const auto said = co_await mailbox.changes(state(8, 50, 1), {});
          EXPECT_EQ(said.state.uid_validity, imap::UidValidity(8));
          EXPECT_TRUE(said.present.empty());
          EXPECT_FALSE(said.complete);
        });
}

std::vector<mirror::FetchedMessage> letters(int count) {
  std::vector<mirror::FetchedMessage> out;
  for (int i = 0; i < count; ++i) out.push_back({imap::Uid(1), {imap::Flag::Seen}, 0, imap::Literal("text\r\n")});
  out.front().flags.add("other");
  return out;
}

MailboxBody append(const std::vector<imap::Uid>& expected) {
  return [=](mirror::ReplicaMailbox& mailbox) -> asio::awaitable<void> {
    co_await mailbox.changes({}, {});
    auto messages = letters(1);
    const auto uids = co_await mailbox.append(messages, {});
    EXPECT_TRUE(uids.has_value());
    if (uids) EXPECT_EQ(*uids, expected);
    EXPECT_EQ(messages.front().data.bytes(), "text\r\n");
  };
}

Conversation appending(std::string_view permanent, std::string_view flags, std::string_view answer) {
  return Conversation()
      .says(kQuick)
      .expects("1 SELECT INBOX\r\n")
      .says("* 0 EXISTS\r\n* OK [UIDVALIDITY 7] .\r\n* OK [UIDNEXT 8] .\r\n* OK [HIGHESTMODSEQ 5] .\r\n" +
            std::string(permanent) + "1 OK [READ-WRITE] done\r\n")
      .expects("2 APPEND INBOX (" + std::string(flags) + ") \"01-Jan-1970 00:00:00 +0000\" {6+}\r\ntext\r\n\r\n")
      .says(answer);
}

TEST(ImapMailbox, Append) {
  agree(appending("", "\\Seen other", "2 OK [APPENDUID 7 8] done\r\n"), append({imap::Uid(8)}));
  agree(appending("", "\\Seen other", "2 OK done\r\n"), append({}));
}

TEST(ImapMailbox, AppendSendsWhatTheServerKeeps) {
  agree(appending("* OK [PERMANENTFLAGS (\\Seen \\Deleted)] .\r\n", "\\Seen", "2 OK [APPENDUID 7 8] done\r\n"),
        append({imap::Uid(8)}));
  agree(appending("* OK [PERMANENTFLAGS (\\Seen \\*)] .\r\n", "\\Seen other", "2 OK [APPENDUID 7 8] done\r\n"),
        append({imap::Uid(8)}));
}

TEST(ImapMailbox, UidsOfAnotherMailboxAreNotTaken) {
  agree(appending("", "\\Seen other", "2 OK [APPENDUID 9 8] done\r\n"), append({}));
}

TEST(ImapMailbox, AppendRefused) {
  agree(appending("", "\\Seen other", "2 NO [OVERQUOTA] full\r\n"),
        [](mirror::ReplicaMailbox& mailbox) -> asio::awaitable<void> {
          co_await mailbox.changes({}, {});
          auto messages = letters(1);
          const auto uids = co_await mailbox.append(messages, {});
          EXPECT_FALSE(uids.has_value());
          if (!uids) EXPECT_EQ(uids.error().reason, base::Reason::NoSpace);
        });
}

TEST(ImapMailbox, MessagesWithOthersNewsBetweenThem) {
  agree(Conversation()
            .says(kQuick)
            .expects("1 UID FETCH 4:5 (RFC822.SIZE)\r\n")
            .says("* 1 FETCH (UID 4 RFC822.SIZE 5)\r\n* 8 EXISTS\r\n* 2 FETCH (UID 5 RFC822.SIZE 4)\r\n1 OK done\r\n")
            .expects("2 UID FETCH 4:5 (FLAGS INTERNALDATE RFC822.SIZE BODY.PEEK[])\r\n")
            .says("* 9 EXISTS\r\n* 1 FETCH (UID 4 FLAGS (\\Seen) INTERNALDATE \" 1-Jan-1970 00:00:10 +0000\" "
                  "BODY[] {5}\r\nfour\n)\r\n* 3 FETCH (UID 6 FLAGS ())\r\n* 2 FETCH (FLAGS (\\Seen))\r\n"
                  "* 2 FETCH (BODY[] \"five\" UID 5 FLAGS () INTERNALDATE \"01-Jan-1970 00:00:20 +0000\")\r\n"
                  "* VANISHED 6\r\n2 OK done\r\n"),
        [](mirror::ReplicaMailbox& mailbox) -> asio::awaitable<void> {
          const auto stream = co_await mailbox.fetch({{4, 5}});
          const auto four = co_await stream->next();
          const auto five = co_await stream->next();
          const auto end = co_await stream->next();
          EXPECT_TRUE(four && five && !end);
          if (!four || !five) co_return;
          EXPECT_EQ(four->data.bytes(), "four\n");
          EXPECT_EQ(four->internal_date, 10);
          EXPECT_EQ(five->data.bytes(), "five");
          EXPECT_EQ(five->uid, imap::Uid(5));
        });
}

// RFC 7889: for all mailboxes, or for each; asked once.
TEST(ImapMailbox, LargestMessage) {
  const auto asks = [](std::optional<std::uint64_t> expected) {
    return [expected](mirror::ReplicaMailbox& mailbox) -> asio::awaitable<void> {
      for (int i = 0; i < 2; ++i) {
        const auto largest = co_await mailbox.largest_message();
        EXPECT_EQ(largest, expected);
      }
    };
  };
  const auto greets = [](const std::string& capability) {
    return Conversation().says("* PREAUTH [CAPABILITY IMAP4rev1" + capability + "] hello\r\n");
  };
  agree(greets(""), asks(std::nullopt));
  agree(greets(" APPENDLIMIT=35651584"), asks(35651584));
  agree(greets(" appendlimit=7"), asks(7));
  for (const std::string odd :
       {" APPENDLIMIT=", " APPENDLIMIT=many", " APPENDLIMIT=-1", " APPENDLIMIT=99999999999999999999999"})
    agree(greets(odd), asks(std::nullopt));
  const auto each = [&](const std::string& answer) {
    return greets(" APPENDLIMIT").expects("1 STATUS INBOX (APPENDLIMIT)\r\n").says(answer);
  };
  agree(each("* STATUS INBOX (APPENDLIMIT 2000)\r\n1 OK done\r\n"), asks(2000));
  agree(each("* STATUS INBOX (APPENDLIMIT NIL)\r\n1 OK done\r\n"), asks(std::nullopt));
  agree(each("1 NO not of this one\r\n"), asks(std::nullopt));
}

TEST(ImapMailbox, RefusalsForWantOfRoom) {
  const auto reason = [](const std::string& answer, base::Reason expected) {
    agree(Conversation()
              .says(kQuick)
              .expects("1 APPEND INBOX \"01-Jan-1970 00:00:00 +0000\" {1+}\r\nx\r\n")
              .says("1 NO " + answer + "\r\n"),
          [expected, answer](mirror::ReplicaMailbox& mailbox) -> asio::awaitable<void> {
            std::vector<mirror::FetchedMessage> messages(1);
            messages[0].data = imap::Literal("x");
            const auto uids = co_await mailbox.append(messages, {});
            EXPECT_FALSE(uids);
            if (!uids) EXPECT_EQ(uids.error().reason, expected) << answer;
          });
  };
  for (const std::string full : {"[OVERQUOTA] full", "Over quota", "[ALERT] You exceeded your mail quota.",
                                 "Quota exceeded (mailbox for user is full)"})
    reason(full, base::Reason::NoSpace);
  reason("[TOOBIG] no", base::Reason::TooBig);
  reason("no", base::Reason::Failed);
}

// A few UIDs far apart, or many keywords: no line is longer than some servers take.
TEST(ImapMailbox, LinesAreShort) {
  imap::UidSet far_apart;
  for (std::uint32_t i = 0; i < 400; ++i) far_apart.add(imap::Uid(4'000'000'001 + 2 * i));
  std::size_t whole = 0;
  for (const auto& part : mirror::split(far_apart)) {
    EXPECT_LE(part.to_string().size(), mirror::kSetOctets);
    whole += part.size();
  }
  EXPECT_EQ(whole, far_apart.size());
  EXPECT_GT(mirror::split(far_apart, 900).size(), mirror::split(far_apart).size());
}

TEST(ImapMailbox, ExpungeTakesNothingElseWithIt) {
  const auto expunge = [](mirror::ReplicaMailbox& mailbox) -> asio::awaitable<void> {
    const auto done = co_await mailbox.expunge({{4, 5}, {9, 9}});
    EXPECT_TRUE(done.has_value());
  };
  agree(Conversation()
            .says(kQuick)
            .expects("1 UID STORE 4:5,9 +FLAGS.SILENT (\\Deleted)\r\n2 UID EXPUNGE 4:5,9\r\n")
            .says("1 OK done\r\n* VANISHED 4:5,9\r\n2 OK done\r\n"),
        expunge);
  // Gone before already: nothing is told of them.
  agree(Conversation()
            .says(kQuick)
            .expects("1 UID STORE 4:5,9 +FLAGS.SILENT (\\Deleted)\r\n2 UID EXPUNGE 4:5,9\r\n")
            .says("1 OK done\r\n* VANISHED 4\r\n2 OK done\r\n")
            .expects("3 UID FETCH 4:5,9 (FLAGS)\r\n")
            .says("3 OK done\r\n"),
        expunge);
}

// A plain EXPUNGE takes whatever is marked: it must be what is meant, and nothing else.
TEST(ImapMailbox, ExpungeWithoutUidplusIsSentOnlyWhereNothingElseWouldGo) {
  const auto begun = [](std::string_view marked) {
    return Conversation()
        .says(kPlain)
        .expects("1 UID STORE 4:5,9 +FLAGS.SILENT (\\Deleted)\r\n")
        .says("1 OK done\r\n")
        .expects("2 UID SEARCH DELETED\r\n")
        .says(marked);
  };
  const auto expunge = [](bool expected) {
    return [expected](mirror::ReplicaMailbox& mailbox) -> asio::awaitable<void> {
      EXPECT_FALSE(mailbox.expunges_alone());
      const auto done = co_await mailbox.expunge({{4, 5}, {9, 9}});
      EXPECT_EQ(done.has_value(), expected);
    };
  };
  agree(begun("* SEARCH 4 5 9\r\n2 OK done\r\n")
            .expects("3 EXPUNGE\r\n")
            .says("* 1 EXPUNGE\r\n* 1 EXPUNGE\r\n* 3 EXPUNGE\r\n3 OK done\r\n")
            .expects("4 UID FETCH 4:5,9 (FLAGS)\r\n")
            .says("4 OK done\r\n"),
        expunge(true));
  agree(begun("* SEARCH 4 5 7 9\r\n2 OK done\r\n"), expunge(false));
  agree(begun("2 OK done\r\n"), expunge(false));
  agree(begun("2 NO not now\r\n"), expunge(false));
  // It did not do it.
  agree(begun("* SEARCH 4 5 9\r\n2 OK done\r\n")
            .expects("3 EXPUNGE\r\n")
            .says("* 1 EXPUNGE\r\n3 OK done\r\n")
            .expects("4 UID FETCH 4:5,9 (FLAGS)\r\n")
            .says("* 1 FETCH (UID 5 FLAGS (\\Deleted))\r\n4 OK done\r\n"),
        expunge(false));
}

TEST(ImapMailbox, ExpungeThatDoesNothingIsNoSuccess) {
  agree(Conversation()
            .says(kQuick)
            .expects("1 UID STORE 4:5 +FLAGS.SILENT (\\Deleted)\r\n2 UID EXPUNGE 4:5\r\n")
            .says("1 OK done\r\n* VANISHED 4\r\n2 OK Expunge ignored: permission denied\r\n")
            .expects("3 UID FETCH 4:5 (FLAGS)\r\n")
            .says("* 1 FETCH (UID 5 FLAGS (\\Deleted))\r\n3 OK done\r\n"),
        [](mirror::ReplicaMailbox& mailbox) -> asio::awaitable<void> {
          const auto done = co_await mailbox.expunge({{4, 5}});
          EXPECT_FALSE(done.has_value());
          if (!done) EXPECT_THAT(done.error().text, HasSubstr("keeps UID 5"));
        });
}

// An EXPUNGE by number may be that of a message that somebody else expunges.
TEST(ImapMailbox, ANumberThatIsExpungedProvesNothing) {
  agree(Conversation()
            .says(kQuick)
            .expects("1 UID STORE 4 +FLAGS.SILENT (\\Deleted)\r\n2 UID EXPUNGE 4\r\n")
            .says("1 OK done\r\n* 7 EXPUNGE\r\n2 OK done\r\n")
            .expects("3 UID FETCH 4 (FLAGS)\r\n")
            .says("* 1 FETCH (UID 4 FLAGS (\\Deleted))\r\n3 OK done\r\n"),
        [](mirror::ReplicaMailbox& mailbox) -> asio::awaitable<void> {
          const auto done = co_await mailbox.expunge({{4, 4}});
          EXPECT_FALSE(done.has_value());
        });
}

// A server that describes only so many at once (RFC 9738), and one whose database has lost a date.
TEST(ImapMailbox, AllAreDescribed) {
  const auto asks = [](const std::string& tag, const std::string& uids) {
    return tag + " UID FETCH " + uids + " (FLAGS INTERNALDATE RFC822.SIZE BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)])\r\n";
  };
  const auto describes = [](const std::string& uid, const std::string& date) {
    return "* 1 FETCH (UID " + uid + " FLAGS () INTERNALDATE " + date +
           " RFC822.SIZE 9 BODY[HEADER.FIELDS (MESSAGE-ID)] {2}\r\n\r\n)\r\n";
  };
  const std::string date = "\"01-Jan-1970 00:00:10 +0000\"";
  agree(
      Conversation()
          .says(kQuick)
          .expects("1 NOOP\r\n")
          .says("1 OK done\r\n")
          .expects(asks("2", "4:6"))
          .says(describes("5", date) + describes("6", "NIL") + "2 OK [MESSAGELIMIT 2 5] some\r\n")
          .expects(asks("3", "4"))
          .says(describes("4", date) + "3 OK done\r\n")
          .expects("4 UID FETCH 6 (BODY.PEEK[HEADER.FIELDS (DATE)])\r\n")
          .says("* 1 FETCH (UID 6 BODY[HEADER.FIELDS (DATE)] {40}\r\nDate: Thu, 1 Jan 1970 00:00:30 +0000\r\n\r\n)\r\n"
                "4 OK done\r\n"),
      [](mirror::ReplicaMailbox& mailbox) -> asio::awaitable<void> {
        const auto found = co_await mailbox.identities({{4, 6}});
        std::vector<std::string> all;
        for (const auto& one : found)
          all.push_back(std::to_string(one.uid.value) + "@" + std::to_string(one.internal_date));
        EXPECT_THAT(all, testing::ElementsAre("4@10", "5@10", "6@30"));
      });
}

}  // namespace
}  // namespace tests
