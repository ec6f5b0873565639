// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Sessions end to end, over a store in memory: what a client says and what it hears.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include "tests/support/memory_store.h"
#include "tests/support/session_fixture.h"

namespace {

using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

constexpr const char* kMail =
    "From: a@example.org\r\nSubject: hello\r\nDate: Mon, 1 Jan 2024 00:00:00 +0000\r\n\r\nbody text\r\n";

struct Passwords final : server::Authenticator {
  bool accepts(const std::string& user, const base::Secret& password) override {
    return user == "joe" && password.reveal() == "secret";
  }
};

class SessionTest : public testing::Test {
 protected:
  tests::MemoryStore store;
  tests::SessionFixture server{store};

  void fill(int count) {
    tests::TestClient client(server);
    for (int i = 0; i < count; ++i) ASSERT_THAT(client.append("INBOX", kMail), HasSubstr("OK [APPENDUID"));
  }
};

TEST_F(SessionTest, GreetsAuthenticatedAndLogsOut) {
  tests::TestClient client(server);
  EXPECT_THAT(client.greeting(), AllOf(StartsWith("* PREAUTH [CAPABILITY IMAP4rev1 "), HasSubstr(" QRESYNC ")));
  EXPECT_THAT(client("LOGOUT"), AllOf(StartsWith("* BYE "), EndsWith("OK Logout completed.\r\n")));
  EXPECT_TRUE(client.at_end());
}

TEST_F(SessionTest, AnswersSimpleCommands) {
  fill(3);
  tests::TestClient client(server);
  const std::vector<std::pair<const char*, std::string>> table{
      {"CAPABILITY", "* CAPABILITY IMAP4rev1"},
      {"NOOP", "OK NOOP completed."},
      {"ID NIL", "* ID (\"name\" \"Postern\""},
      {"NAMESPACE", "* NAMESPACE ((\"\" \"/\")) NIL NIL"},
      {"ENABLE CONDSTORE", "* ENABLED CONDSTORE"},
      {"CREATE lists/asio", "OK Create"},
      {"CREATE lists/asio", "NO [ALREADYEXISTS]"},
      {"CREATE Sent (USE (\\Sent))", "OK Create"},
      {"SUBSCRIBE lists/asio", "OK Subscribe"},
      {"LIST \"\" \"\"", "* LIST (\\Noselect) \"/\" \"\"\r\n"},
      {"LIST \"\" %", "* LIST (\\Noselect \\HasChildren) \"/\" lists\r\n"},
      {"LIST \"\" inbox", "* LIST (\\HasNoChildren) \"/\" INBOX\r\n"},
      {"LIST \"\" *", "* LIST (\\HasNoChildren \\Sent) \"/\" Sent\r\n"},
      {"LIST (SUBSCRIBED) \"\" *", "* LIST (\\Subscribed \\HasNoChildren) \"/\" lists/asio\r\n"},
      {"LIST (SUBSCRIBED RECURSIVEMATCH) \"\" %", "\"/\" lists (CHILDINFO (\"SUBSCRIBED\"))\r\n"},
      {"LIST (SPECIAL-USE) \"\" *", "\\Sent"},
      {"LIST \"\" * RETURN (STATUS (MESSAGES UIDNEXT))", "* STATUS INBOX (MESSAGES 3 UIDNEXT 4)\r\n"},
      {"LSUB \"\" %", "* LSUB (\\Noselect) \"/\" lists\r\n"},
      {"LSUB \"\" *", "* LSUB () \"/\" lists/asio\r\n"},
      {"STATUS INBOX (MESSAGES UNSEEN SIZE)", "* STATUS INBOX (MESSAGES 3 UNSEEN 3 SIZE "},
      {"STATUS nowhere (MESSAGES)", "NO [NONEXISTENT]"},
      {"UNSUBSCRIBE lists/asio", "OK Unsubscribe"},
      {"RENAME lists/asio lists/asio2", "OK Rename"},
      {"DELETE lists/asio2", "OK Delete"},
      {"DELETE INBOX", "NO [CANNOT]"},
      {"SELECT nowhere", "NO [NONEXISTENT]"},
      {"FETCH 1 FLAGS", "BAD No mailbox selected."},
      {"LOGIN a b", "BAD Already logged in."},
      {"FROBNICATE", "BAD Error in IMAP command FROBNICATE"},
      {"SELECT INBOX", "OK [READ-WRITE]"},
      {"CHECK", "OK Check"},
      {"CLOSE", "OK Close"},
      {"EXAMINE INBOX", "OK [READ-ONLY]"},
      {"STORE 1 +FLAGS (\\Seen)", "NO [READ-ONLY]"},
      {"UNSELECT", "OK Unselect"},
  };
  for (const auto& [command, expected] : table) EXPECT_THAT(client(command), HasSubstr(expected)) << command;
}

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
                " FLAGS (\\Seen) BODY[2] NIL)\r\nOK Fetch completed.\r\n");
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
  EXPECT_THAT(b("SEARCH ALL"), AllOf(Not(HasSubstr("EXPUNGE\r\n")), HasSubstr("* SEARCH 1 3 5\r\n")));
  EXPECT_THAT(b("NOOP"), HasSubstr("* 4 EXPUNGE\r\n* 2 EXPUNGE\r\n"));
  b("ENABLE QRESYNC");
  a("STORE 1:* +FLAGS.SILENT (\\Deleted)");
  a("UID EXPUNGE 1:3");
  EXPECT_THAT(b("UID FETCH 1:* UID"), HasSubstr("* VANISHED 1,3\r\n"));
  EXPECT_THAT(a("CLOSE"), Not(HasSubstr("EXPUNGE\r\n")));
  EXPECT_THAT(b("NOOP"), HasSubstr("* VANISHED 5\r\n"));
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

TEST_F(SessionTest, IdleHearsOthersAtOnce) {
  fill(1);
  tests::TestClient idler(server), other(server);
  idler("SELECT INBOX");
  idler.send("i IDLE\r\n");
  EXPECT_EQ(idler.line(), "+ idling\r\n");
  other.append("INBOX", kMail);
  EXPECT_EQ(idler.line(), "* 2 EXISTS\r\n");
  EXPECT_EQ(idler.line(), "* 2 RECENT\r\n");
  other("SELECT INBOX");
  other("STORE 1 +FLAGS (\\Deleted)");
  EXPECT_EQ(idler.line(), "* 1 FETCH (FLAGS (\\Deleted \\Recent))\r\n");
  other("EXPUNGE");
  EXPECT_EQ(idler.line(), "* 1 EXPUNGE\r\n");
  EXPECT_EQ(idler.line(), "* 1 RECENT\r\n");
  idler.send("DONE\r\n");
  EXPECT_EQ(idler.until("i "), "i OK Idle completed.\r\n");
  idler.send("i IDLE\r\nrubbish\r\n");
  EXPECT_THAT(idler.until("i "), HasSubstr("i BAD Expected DONE."));
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

TEST_F(SessionTest, ADeletedMailboxIsEmptyToItsSessions) {
  fill(2);
  tests::TestClient a(server), b(server);
  a("CREATE x");
  a.append("x", kMail);
  b("SELECT x");
  a("DELETE x");
  EXPECT_THAT(b("NOOP"), HasSubstr("* 1 EXPUNGE"));
  EXPECT_THAT(b("EXPUNGE"), StartsWith("NO [NONEXISTENT]"));
  b("CREATE y");
  b("SELECT y");
  EXPECT_THAT(b("DELETE y"), HasSubstr("OK"));
  EXPECT_THAT(b("FETCH 1 FLAGS"), StartsWith("BAD No mailbox selected"));
}

TEST_F(SessionTest, CompressesWhatFollows) {
  tests::TestClient client(server);
  EXPECT_THAT(client("COMPRESS LZ4"), StartsWith("NO "));
  EXPECT_EQ(client("COMPRESS DEFLATE"), "OK Begin compression.\r\n");
  client.send("this is no deflate stream");
  EXPECT_TRUE(client.at_end());
}

// Raw deflate both ways, ended by sync flushes (RFC 4978).
class Deflater {
 public:
  Deflater() {
    deflateInit2(&out_, 1, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY);
    inflateInit2(&in_, -15);
  }
  ~Deflater() {
    deflateEnd(&out_);
    inflateEnd(&in_);
  }
  std::string pack(std::string text) {
    return run(out_, std::move(text), [](z_stream& z) { return ::deflate(&z, Z_SYNC_FLUSH); });
  }
  std::string unpack(std::string text) {
    return run(in_, std::move(text), [](z_stream& z) { return ::inflate(&z, Z_SYNC_FLUSH); });
  }

 private:
  static std::string run(z_stream& z, std::string text, int (*step)(z_stream&)) {
    std::string out(1 << 20, 0);
    z.next_in = reinterpret_cast<Bytef*>(text.data());
    z.avail_in = static_cast<uInt>(text.size());
    z.next_out = reinterpret_cast<Bytef*>(out.data());
    z.avail_out = static_cast<uInt>(out.size());
    step(z);
    out.resize(out.size() - z.avail_out);
    return out;
  }
  z_stream out_{}, in_{};
};

TEST_F(SessionTest, GoesOnUnderCompressionBehindAPipeliningClient) {
  fill(1);
  tests::TestClient client(server);
  Deflater deflater;
  client.send("c COMPRESS DEFLATE\r\n" + deflater.pack("s SELECT INBOX\r\n"));
  EXPECT_EQ(client.line(), "c OK Begin compression.\r\n");
  std::string heard;
  while (heard.find("s OK") == std::string::npos) heard += deflater.unpack(client.octets());
  EXPECT_THAT(heard, HasSubstr("* 1 EXISTS\r\n"));
  client.send(deflater.pack("d COMPRESS DEFLATE\r\n"));
  heard.clear();
  while (heard.find("d ") == std::string::npos) heard += deflater.unpack(client.octets());
  EXPECT_THAT(heard, StartsWith("d NO [COMPRESSIONACTIVE]"));
}

TEST_F(SessionTest, BadInputIsNamedAndBounded) {
  server.context.limits.frames.line = 1000;
  server.context.limits.frames.literal = 1000;
  tests::TestClient client(server);
  EXPECT_THAT(client("LIST \"\" " + std::string(2000, 'x')), StartsWith("BAD Line is too long"));
  EXPECT_THAT(client("APPEND INBOX {5000}"), StartsWith("NO [TOOBIG]"));
  EXPECT_THAT(client("NOOP"), StartsWith("OK "));
  std::string many;
  for (int i = 0; i < 25; ++i) many += "x BLURB\r\n";
  client.send(many);
  EXPECT_THAT(client.until("* BYE"), HasSubstr("* BYE Too many invalid IMAP commands.\r\n"));
}

TEST_F(SessionTest, LogsInWithPasswords) {
  Passwords passwords;
  server.context.authenticator = &passwords;
  {
    tests::TestClient client(server);
    EXPECT_THAT(client.greeting(),
                AllOf(StartsWith("* OK [CAPABILITY IMAP4rev1"), HasSubstr("AUTH=PLAIN"), Not(HasSubstr("QRESYNC"))));
    EXPECT_THAT(client("SELECT INBOX"), StartsWith("BAD Please log in first."));
    EXPECT_THAT(client("LOGIN joe wrong"), StartsWith("NO [AUTHENTICATIONFAILED]"));
    EXPECT_THAT(client("LOGIN joe secret"), AllOf(StartsWith("OK [CAPABILITY"), HasSubstr("QRESYNC")));
  }
  tests::TestClient plain(server);
  plain.send("p AUTHENTICATE PLAIN\r\n");
  EXPECT_EQ(plain.line(), "+ \r\n");
  plain.send("AGpvZQBzZWNyZXQ=\r\n");
  EXPECT_THAT(plain.until("p "), StartsWith("p OK [CAPABILITY"));
  tests::TestClient initial(server);
  EXPECT_THAT(initial("AUTHENTICATE PLAIN AGpvZQBzZWNyZXQ="), StartsWith("OK [CAPABILITY"));
  tests::TestClient guesser(server);
  for (int i = 0; i < 2; ++i) guesser("LOGIN joe wrong");
  EXPECT_THAT(guesser("LOGIN joe wrong"), AllOf(HasSubstr("* BYE"), HasSubstr("NO [AUTHENTICATIONFAILED]")));
  server.context.login_disabled = true;
  tests::TestClient disabled(server);
  EXPECT_THAT(disabled.greeting(), HasSubstr("LOGINDISABLED"));
  EXPECT_THAT(disabled("LOGIN joe secret"), StartsWith("NO [PRIVACYREQUIRED]"));
}

TEST_F(SessionTest, TheStopSignalEndsWaitingSessions) {
  tests::TestClient waiting(server), idling(server);
  idling("SELECT INBOX");
  idling.send("i IDLE\r\n");
  EXPECT_EQ(idling.line(), "+ idling\r\n");
  server.stop("Good night.");
  EXPECT_EQ(waiting.line(), "* BYE Good night.\r\n");
  EXPECT_EQ(idling.line(), "* BYE Good night.\r\n");
  EXPECT_TRUE(waiting.at_end() && idling.at_end());
}

}  // namespace
