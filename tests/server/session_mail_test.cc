// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// A session's mail, over a store in memory: SELECT, FETCH, STORE, EXPUNGE, SEARCH, COPY, APPEND.
#include "tests/server/session_case.h"

namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;
using tests::kMail;
using tests::SessionTest;

TEST_F(SessionTest, SelectTellsAllAboutTheMailbox) {
  fill(2);
  tests::TestClient client(server);
  EXPECT_EQ(client("SELECT INBOX"),
            "* FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft)\r\n"
            "* OK [PERMANENTFLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft \\*)] Flags permitted.\r\n"
            "* 2 EXISTS\r\n"
            "* 2 RECENT\r\n"
            "* OK [UNSEEN 1] First unseen.\r\n"
            "* OK [UIDVALIDITY 1000] UIDs valid\r\n"
            "* OK [UIDNEXT 3] Predicted next UID\r\n"
            "* OK [HIGHESTMODSEQ 3] Highest\r\n"
            "OK [READ-WRITE] Select completed.\r\n");
  tests::TestClient second(server);
  EXPECT_THAT(second("SELECT INBOX"), HasSubstr("* 0 RECENT"));
}

TEST_F(SessionTest, FetchesAndSetsSeen) {
  fill(2);
  tests::TestClient claimer(server);
  claimer("SELECT INBOX");  // takes \Recent away
  tests::TestClient client(server);
  client("EXAMINE INBOX");
  EXPECT_THAT(client("FETCH 1 BODY[TEXT]"),
              AllOf(HasSubstr("* 1 FETCH (BODY[TEXT] {11}\r\nbody text\r\n)\r\n"), Not(HasSubstr("Seen"))));
  client("SELECT INBOX");
  EXPECT_EQ(client("FETCH 1:* (UID FLAGS)"),
            "* 1 FETCH (UID 1 FLAGS ())\r\n* 2 FETCH (UID 2 FLAGS ())\r\nOK Fetch completed.\r\n");
  EXPECT_EQ(client("FETCH 1 BODY[TEXT]<5.4>"),
            "* 1 FETCH (FLAGS (\\Seen) BODY[TEXT]<5> {4}\r\ntext)\r\nOK Fetch completed.\r\n");
  EXPECT_EQ(client("UID FETCH 2 (BODY[2] RFC822.SIZE FLAGS)"),
            "* 2 FETCH (UID 2 RFC822.SIZE " + std::to_string(std::string_view(kMail).size()) +
                " FLAGS (\\Seen) BODY[2] {0}\r\n)\r\nOK Fetch completed.\r\n");
  EXPECT_THAT(client("FETCH 1 BODY.PEEK[HEADER.FIELDS (subject \"Date\")]"),
              HasSubstr("BODY[HEADER.FIELDS (SUBJECT DATE)] {"));
  EXPECT_THAT(client("FETCH 3 FLAGS"), StartsWith("BAD "));
  EXPECT_EQ(client("UID FETCH 77 FLAGS"), "OK Fetch completed.\r\n");
  EXPECT_THAT(client("FETCH 1:* (FLAGS MODSEQ)"), HasSubstr("* 1 FETCH (FLAGS (\\Seen) MODSEQ (4))"));
}

TEST_F(SessionTest, StreamsBigBodies) {
  const std::string big = "Subject: big\r\n\r\n" + std::string(5'000'000, 'x') + "\r\n";
  tests::TestClient client(server);
  ASSERT_THAT(client.append("INBOX", big), HasSubstr("OK"));
  client("SELECT INBOX");
  EXPECT_EQ(client("FETCH 1 BODY.PEEK[]"),
            "* 1 FETCH (BODY[] {" + std::to_string(big.size()) + "}\r\n" + big + ")\r\nOK Fetch completed.\r\n");
}

TEST_F(SessionTest, StoreIsToldOnceAndToOthers) {
  fill(3);
  tests::TestClient a(server), b(server);
  a("SELECT INBOX");
  b("SELECT INBOX");
  EXPECT_EQ(a("STORE 1:2 +FLAGS (\\Flagged work)"),
            "* FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft work)\r\n"
            "* OK [PERMANENTFLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft work \\*)] Flags permitted.\r\n"
            "* 1 FETCH (FLAGS (\\Flagged work \\Recent))\r\n* 2 FETCH (FLAGS (\\Flagged work \\Recent))\r\n"
            "OK Store completed.\r\n");
  EXPECT_EQ(a("NOOP"), "OK NOOP completed.\r\n");
  EXPECT_THAT(b("NOOP"), HasSubstr("* 2 FETCH (FLAGS (\\Flagged work))\r\n"));
  EXPECT_EQ(a("STORE 3 FLAGS.SILENT (\\Seen)"), "OK Store completed.\r\n");
  EXPECT_EQ(b("ENABLE QRESYNC"),
            "* ENABLED QRESYNC\r\n* OK [HIGHESTMODSEQ 6] Highest\r\n"
            "* 3 FETCH (UID 3 FLAGS (\\Seen) MODSEQ (6))\r\nOK Enabled.\r\n");
  EXPECT_EQ(b("UID STORE 3 (UNCHANGEDSINCE 5) FLAGS ()"),
            "OK [MODIFIED 3] Conditional store failed for some messages.\r\n");
  EXPECT_EQ(b("STORE 3 -FLAGS.SILENT (\\Seen)"), "* 3 FETCH (UID 3 MODSEQ (7))\r\nOK Store completed.\r\n");
}

TEST_F(SessionTest, ExpungesWaitForACommandThatLetsThemThrough) {
  fill(5);
  tests::TestClient a(server), b(server);
  a("SELECT INBOX");
  b("SELECT INBOX");
  a("STORE 2,4 +FLAGS.SILENT (\\Deleted)");
  EXPECT_EQ(a("EXPUNGE"), "* 4 EXPUNGE\r\n* 2 EXPUNGE\r\n* 3 RECENT\r\nOK Expunge completed.\r\n");
  EXPECT_THAT(b("FETCH 1:* UID"),
              AllOf(Not(HasSubstr("EXPUNGE\r\n")), HasSubstr("* 5 FETCH (UID 5)"), HasSubstr("OK [EXPUNGEISSUED]")));
  EXPECT_THAT(b("STORE 2 +FLAGS (\\Seen)"), AllOf(Not(HasSubstr("EXPUNGE\r\n")), HasSubstr("[EXPUNGEISSUED]")));
  EXPECT_THAT(b("SEARCH ALL"), AllOf(Not(HasSubstr("EXPUNGE\r\n")), HasSubstr("* SEARCH 1 2 3 4 5\r\n")));
  EXPECT_THAT(b("NOOP"), HasSubstr("* 4 EXPUNGE\r\n* 2 EXPUNGE\r\n"));
  b("ENABLE QRESYNC");
  a("STORE 1:* +FLAGS.SILENT (\\Deleted)");
  a("UID EXPUNGE 1:3");
  EXPECT_THAT(b("UID FETCH 1:* UID"), HasSubstr("* VANISHED 1,3\r\n"));
  EXPECT_THAT(a("CLOSE"), Not(HasSubstr("EXPUNGE\r\n")));
  EXPECT_THAT(b("NOOP"), HasSubstr("* VANISHED 5\r\n"));
}

TEST_F(SessionTest, SearchFindsWhatOthersExpungedUntilItIsTold) {
  fill(4);
  tests::TestClient a(server), b(server);
  a("SELECT INBOX");
  b("SELECT INBOX");
  a("STORE 2:3 +FLAGS.SILENT (\\Deleted)");
  b("NOOP");
  a("EXPUNGE");
  const std::string plain = "OK Search completed.\r\n", gone = "OK [EXPUNGEISSUED] Some of the messages are gone.\r\n";
  const std::vector<std::pair<const char*, std::string>> table{
      {"SEARCH ALL", "* SEARCH 1 2 3 4\r\n" + plain},
      {"SEARCH 2", "* SEARCH 2\r\n" + plain},
      {"SEARCH NOT 2", "* SEARCH 1 3 4\r\n" + plain},
      {"SEARCH UID 3:*", "* SEARCH 3 4\r\n" + plain},
      {"SEARCH NOT (1:2 UID 2:4)", "* SEARCH 1 3 4\r\n" + plain},
      {"SEARCH BODY text", "* SEARCH 1 4\r\n" + gone},
      {"SEARCH NOT BODY text", "* SEARCH\r\n" + gone},
      {"SEARCH BODY text 1", "* SEARCH 1\r\n" + plain},
      {"SEARCH OR DELETED 2", "* SEARCH 2\r\n" + gone},
      {"SEARCH OR BODY text ALL", "* SEARCH 1 2 3 4\r\n" + plain},
      {"SEARCH MODSEQ 1 2", "* SEARCH\r\n" + gone},
  };
  for (const auto& [command, expected] : table) EXPECT_THAT(b(command), testing::EndsWith(expected)) << command;
  EXPECT_THAT(b("SEARCH RETURN (COUNT MAX) OR MODSEQ 999999 2"), HasSubstr("MAX 2 COUNT 1\r\n"));
  EXPECT_THAT(b("SEARCH RETURN (SAVE) 2:4"), HasSubstr("OK Search"));
  EXPECT_THAT(b("SEARCH $"), HasSubstr("* SEARCH 2 3 4\r\n"));
  EXPECT_THAT(b("UID SEARCH BODY text"), testing::EndsWith("* SEARCH 1 4\r\n* 3 EXPUNGE\r\n* 2 EXPUNGE\r\n" + plain));
  EXPECT_THAT(b("SEARCH ALL"), testing::EndsWith("* SEARCH 1 2\r\n" + plain));
}

TEST_F(SessionTest, SearchInADeletedMailbox) {
  tests::TestClient a(server), b(server);
  a("CREATE box");
  a.append("box", kMail);
  b("SELECT box");
  a("DELETE box");
  EXPECT_THAT(b("SEARCH ALL"), HasSubstr("* SEARCH 1\r\nOK Search completed.\r\n"));
}

TEST_F(SessionTest, SearchesByNumberAndUid) {
  fill(3);
  tests::TestClient client(server);
  client("SELECT INBOX");
  client("STORE 2 +FLAGS.SILENT (\\Deleted)");
  client("EXPUNGE");
  const std::vector<std::pair<const char*, std::string>> table{
      {"SEARCH ALL", "* SEARCH 1 2\r\n"},
      {"UID SEARCH ALL", "* SEARCH 1 3\r\n"},
      {"SEARCH SUBJECT nothing", "* SEARCH\r\n"},
      {"SEARCH NOT 1", "* SEARCH 2\r\n"},
      {"SEARCH UID 3:*", "* SEARCH 2\r\n"},
      {"SEARCH RECENT", "* SEARCH 1 2\r\n"},
      {"SEARCH RETURN (MIN MAX COUNT) ALL", "MIN 1 MAX 2 COUNT 2\r\n"},
      {"UID SEARCH RETURN () ALL", " UID ALL 1,3\r\n"},
      {"SEARCH CHARSET KLINGON ALL", "NO [BADCHARSET (UTF-8 US-ASCII)]"},
      {"SEARCH CHARSET ISO-8859-1 BODY {4+}\r\ntext", "* SEARCH 1 2\r\n"},
      {"SEARCH MODSEQ 1 ALL", "(MODSEQ "},
      {"SEARCH 9", "* SEARCH\r\n"},
      {"UID SEARCH RETURN (SAVE) UID 3", "OK Search completed."},
      {"FETCH $ UID", "* 2 FETCH (UID 3)\r\nOK"},
  };
  for (const auto& [command, expected] : table) EXPECT_THAT(client(command), HasSubstr(expected)) << command;
}

TEST_F(SessionTest, CopiesAndMoves) {
  fill(3);
  tests::TestClient client(server);
  client("CREATE there");
  client("SELECT INBOX");
  EXPECT_THAT(client("COPY 1,3 nowhere"), StartsWith("NO [TRYCREATE]"));
  EXPECT_EQ(client("COPY 1,3 there"), "OK [COPYUID 1001 1,3 1:2] Copy completed.\r\n");
  EXPECT_EQ(client("UID MOVE 2 there"),
            "* OK [COPYUID 1001 2 3] Moved UIDs.\r\n* 2 EXPUNGE\r\n* 2 RECENT\r\nOK Move completed.\r\n");
  EXPECT_EQ(client("UID COPY 2 there"), "OK No messages found.\r\n");
  EXPECT_THAT(client("STATUS there (MESSAGES)"), HasSubstr("(MESSAGES 3)"));
}

TEST_F(SessionTest, AppendsInGroups) {
  tests::TestClient client(server);
  EXPECT_THAT(client.append("nowhere", kMail), StartsWith("NO [TRYCREATE]"));
  EXPECT_THAT(client.append("INBOX", ""), StartsWith("NO "));
  const std::string text = kMail, literal = "{" + std::to_string(text.size()) + "+}\r\n" + text;
  EXPECT_EQ(client("APPEND INBOX (\\Seen) \"01-Jan-2020 10:00:00 +0000\" " + literal + " " + literal),
            "OK [APPENDUID 1000 1:2] Append completed.\r\n");
  client("SELECT INBOX");
  std::string pipeline;
  for (int i = 0; i < 100; ++i) pipeline += "p" + std::to_string(i) + " APPEND INBOX " + literal + "\r\n";
  client.send(pipeline + "p100 NOOP\r\n");
  const auto out = client.until("p100 ");
  for (int i = 0; i < 100; ++i)
    EXPECT_THAT(out, HasSubstr("p" + std::to_string(i) + " OK [APPENDUID 1000 " + std::to_string(i + 3) + "]"));
  EXPECT_THAT(out, HasSubstr("* 102 EXISTS\r\n"));
  EXPECT_LT(store.mailbox("INBOX").commits, 60u);
}

TEST_F(SessionTest, AFullDiskRefusesOnlyWhatDoesNotFit) {
  tests::TestClient client(server);
  const std::string text = kMail;
  store.mailbox("INBOX").room = 2 * text.size();
  std::string pipeline;
  for (int i = 0; i < 4; ++i)
    pipeline += "p" + std::to_string(i) + " APPEND INBOX {" + std::to_string(text.size()) + "+}\r\n" + text + "\r\n";
  client.send(pipeline);
  const auto out = client.until("p3 ");
  EXPECT_THAT(out, AllOf(HasSubstr("p0 OK"), HasSubstr("p1 OK"), HasSubstr("p2 NO [OVERQUOTA]"),
                         HasSubstr("p3 NO [OVERQUOTA]")));
}

TEST_F(SessionTest, QresyncSelectBringsTheDifference) {
  fill(5);
  tests::TestClient a(server), b(server);
  a("SELECT INBOX");
  a("STORE 2 +FLAGS.SILENT (\\Deleted)");
  a("EXPUNGE");
  a("UID STORE 4 +FLAGS.SILENT (\\Answered)");
  EXPECT_THAT(b("SELECT INBOX (QRESYNC (1000 6))"), StartsWith("BAD "));
  b("ENABLE QRESYNC");
  EXPECT_THAT(
      b("SELECT INBOX (QRESYNC (1000 6))"),
      HasSubstr("* VANISHED (EARLIER) 2\r\n* 3 FETCH (UID 4 FLAGS (\\Answered) MODSEQ (9))\r\nOK [READ-WRITE]"));
  EXPECT_THAT(b("SELECT INBOX (QRESYNC (999 6))"), AllOf(StartsWith("* OK [CLOSED]"), Not(HasSubstr("VANISHED"))));
  EXPECT_THAT(b("UID FETCH 1:* (FLAGS) (CHANGEDSINCE 6 VANISHED)"),
              HasSubstr("* VANISHED (EARLIER) 2\r\n* 3 FETCH (UID 4 FLAGS (\\Answered) MODSEQ (9))\r\nOK"));
}

// UIDs 1, 3, 4 and 5 are there: what a client that knows these numbers and UIDs is told of 2.
TEST_F(SessionTest, QresyncBelievesKnownPairsOfAnySize) {
  fill(5);
  tests::TestClient client(server);
  client("SELECT INBOX");
  client("STORE 2 +FLAGS.SILENT (\\Deleted)");
  client("EXPUNGE");
  client("ENABLE QRESYNC");
  const std::vector<std::pair<std::string, bool>> table{
      {"1 1", true},
      {"1:4 1,3:5", false},
      {"1:3 1:3", true},
      {"2 3", false},
      {"2 2", true},
      {"1:2,4 1,3,5", false},
      {"1,4 1,5", false},
      {"4,1 9,1", true},
      {"1:4294967295 3", true},
      {"1:4294967295 1:4294967295", true},
      {"2:4294967295 3:4294967295", false},
      {"9:4294967295 1:5", true},
      {"4294967295 4294967295", true},
      {"3:4,7:4294967295 2:4294967295", true},
      {"1:3 1,3,9:4294967295", false},
  };
  for (const auto& [pairs, told] : table) {
    const auto answer = client("SELECT INBOX (QRESYNC (1000 6 1:5 (" + pairs + ")))");
    EXPECT_THAT(answer, HasSubstr("OK [READ-WRITE]")) << pairs;
    EXPECT_EQ(answer.contains("* VANISHED (EARLIER) 2\r\n"), told) << pairs << answer;
  }
}

TEST_F(SessionTest, AStoreOfVeryManyChangesAndTellsAllOfThem) {
  constexpr std::size_t kMany = 20'500;
  std::vector<store::NewMessage> many;
  for (std::size_t i = 0; i < kMany; ++i) many.push_back({imap::Literal(kMail), {}, 1000});
  ASSERT_TRUE(store.mailbox("INBOX").append(many, {}, {}));
  tests::TestClient client(server);
  client("SELECT INBOX (CONDSTORE)");
  const auto told = client("STORE 1:* (UNCHANGEDSINCE 1) +FLAGS (\\Flagged)");
  EXPECT_THAT(told, HasSubstr("OK [MODIFIED 1:20500]"));
  const auto flagged = client("STORE 1:* +FLAGS (\\Flagged)");
  EXPECT_EQ(static_cast<std::size_t>(std::ranges::count(flagged, '\n')), kMany + 1);
  EXPECT_THAT(flagged, HasSubstr("* 20500 FETCH ("));
  EXPECT_THAT(client("NOOP"), Not(HasSubstr("FETCH"))) << "its own changes are told once";
  EXPECT_THAT(client("SEARCH RETURN (COUNT) FLAGGED"), HasSubstr("COUNT 20500"));
}

TEST_F(SessionTest, PermanentFlagsTellWhenNoMoreKeywordsCanBeMade) {
  fill(1);
  tests::TestClient client(server);
  client("SELECT INBOX");
  std::string keywords;
  for (std::size_t i = 0; i + 1 < store::kMostKeywords; ++i) keywords += " k" + std::to_string(i);
  EXPECT_THAT(client("STORE 1 +FLAGS (a" + keywords.substr(keywords.find(' ', 1)) + ")"),
              HasSubstr(" \\*)] Flags permitted.\r\n"));
  EXPECT_THAT(client("STORE 1 +FLAGS (last)"), AllOf(HasSubstr(")] No more keywords"), Not(HasSubstr("\\*"))));
  EXPECT_THAT(client("STORE 1 +FLAGS (last)"), Not(HasSubstr("PERMANENTFLAGS")));
}

}  // namespace
