// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// A session's life, over a store in memory: greeting, login, mailboxes, IDLE, COMPRESS, bad input, the end.
#include <zlib.h>

#include "tests/server/session_case.h"

namespace {

using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;
using tests::kMail;
using tests::Passwords;
using tests::SessionTest;

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
      {"STATUS INBOX (APPENDLIMIT)", "* STATUS INBOX (APPENDLIMIT 1073741824)\r\n"},
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
  EXPECT_THAT(client("CREATE &AAo-"), StartsWith("NO [CANNOT] Invalid mailbox name"));
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

TEST_F(SessionTest, TimeBeforeLoginIsLimitedWhateverTheClientSays) {
  Passwords passwords;
  server.context.authenticator = &passwords;
  server.context.limits.login_timeout = std::chrono::seconds(1);
  tests::TestClient client(server);
  std::string line = client("NOOP");
  while (!line.empty() && !line.starts_with("* BYE")) {
    client.send("n NOOP\r\n");
    line = client.line();
  }
  EXPECT_EQ(line, "* BYE Disconnected for inactivity.\r\n");
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
