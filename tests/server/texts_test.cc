// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Sessions and messages whose text is not here yet: what is known is answered at once, what is not is waited for
// without a worker, and not for ever.
#include <gmock/gmock.h>

#include "store/mailbox/elsewhere.h"
#include "tests/store/store_case.h"
#include "tests/support/session_fixture.h"

namespace tests {
namespace {

using testing::HasSubstr;
using testing::Not;
using namespace std::chrono_literals;

const std::string kText = "Subject: far\r\n\r\naway\r\n";

class TextsTest : public StoreCase {
 protected:
  void SetUp() override {
    open();
    ASSERT_TRUE(store_->create(imap::MailboxName("other")));
    append(*mailbox(), 1);
    far_ = expect();
    server_ = std::make_unique<SessionFixture>(*store_);
  }
  void TearDown() override { server_.reset(); }
  imap::Uid expect() {
    store::ExpectedMessage message{.flags = {}, .internal_date = 5000, .wire_size = kText.size(), .envelope = {}};
    message.envelope.subject = "far";
    return store::expect_messages(*mailbox(), {&message, 1}).value().at(0);
  }
  void come(imap::Uid uid) { ASSERT_TRUE(store::text_arrived(*mailbox(), uid, imap::Literal(kText))); }

  imap::Uid far_;
  std::unique_ptr<SessionFixture> server_;
};

TEST_F(TextsTest, WhatIsKnownIsAnsweredAtOnce) {
  TestClient client(*server_);
  client("SELECT INBOX");
  const auto reply = client("FETCH 1:2 (FLAGS UID ENVELOPE RFC822.SIZE INTERNALDATE)");
  EXPECT_THAT(reply, HasSubstr("RFC822.SIZE " + std::to_string(kText.size())));
  EXPECT_THAT(reply, HasSubstr("\"far\""));
  EXPECT_THAT(reply, HasSubstr("OK Fetch completed."));
  EXPECT_THAT(client("SEARCH LARGER 1"), HasSubstr("* SEARCH 1 2"));
  EXPECT_THAT(client("STORE 2 +FLAGS (\\Flagged)"), HasSubstr("* 2 FETCH (FLAGS (\\Flagged \\Recent))"));
}

TEST_F(TextsTest, FetchWaitsUntilTheTextComesAndGoesOnWhereItWas) {
  const auto second = expect();
  append(*mailbox(), 1);
  TestClient client(*server_);
  client("SELECT INBOX");
  client.send("f FETCH 1:4 (UID BODY[TEXT])\r\n");
  EXPECT_THAT(client.reply(), HasSubstr("* 1 FETCH (FLAGS (\\Seen"));  // goes out before the waiting
  come(far_);
  EXPECT_THAT(client.reply(), HasSubstr("* 2 FETCH (FLAGS (\\Seen \\Recent) UID 2 BODY[TEXT] {6}\r\naway\r\n)"));
  come(second);
  EXPECT_THAT(client.reply(), HasSubstr("* 3 FETCH"));
  EXPECT_THAT(client.reply(), HasSubstr("* 4 FETCH"));
  EXPECT_THAT(client.until("f "), HasSubstr("f OK Fetch completed."));
}

TEST_F(TextsTest, ManyThatWaitHoldNoWorker) {
  std::vector<std::unique_ptr<TestClient>> waiting;  // more than there are workers
  for (int i = 0; i < 6; ++i) {
    auto& client = *waiting.emplace_back(std::make_unique<TestClient>(*server_));
    client("SELECT INBOX");
    client.send("w FETCH 2 (BODY.PEEK[])\r\n");
  }
  TestClient other(*server_);
  other("SELECT INBOX");
  EXPECT_THAT(other("FETCH 1 (BODY.PEEK[])"), HasSubstr("OK Fetch completed."));
  come(far_);
  for (const auto& client : waiting) {
    EXPECT_THAT(client->reply(), HasSubstr("away"));
    EXPECT_THAT(client->until("w "), HasSubstr("w OK"));
  }
}

TEST_F(TextsTest, WhatDoesNotComeIsAnsweredWithNo) {
  server_->context.limits.text_wait = 20ms;
  TestClient client(*server_);
  client("SELECT INBOX");
  const auto reply = client("FETCH 1:2 (UID BODY[])");
  EXPECT_THAT(reply, HasSubstr("* 1 FETCH"));
  EXPECT_THAT(reply, HasSubstr("* 2 FETCH (UID 2)"));
  EXPECT_THAT(reply, HasSubstr("NO [UNAVAILABLE]"));
  EXPECT_FALSE(mailbox()->messages(imap::UidSet::of(far_)).at(0).flags.has(imap::Flag::Seen)) << "nobody has seen it";
  for (const char* command : {"SEARCH TEXT away", "SEARCH SUBJECT far", "SORT (SUBJECT) UTF-8 ALL",
                              "THREAD REFERENCES UTF-8 ALL", "COPY 1:2 other", "MOVE 2 other"})
    EXPECT_THAT(client(command), HasSubstr("NO [UNAVAILABLE]")) << command;
  EXPECT_EQ(mailbox("other")->status().messages, 0u);
  EXPECT_EQ(mailbox()->status().messages, 2u);
}

TEST_F(TextsTest, SearchAndCopyWaitToo) {
  TestClient client(*server_);
  client("SELECT INBOX");
  client.send("s SEARCH TEXT away\r\n");
  TestClient mover(*server_);
  mover("SELECT INBOX");
  mover.send("c COPY 2 other\r\n");
  come(far_);
  EXPECT_THAT(client.until("s "), HasSubstr("* SEARCH 2"));
  EXPECT_THAT(mover.until("c "), HasSubstr("c OK"));
  EXPECT_EQ(content_of(*mailbox("other"), imap::Uid(1)), kText);
}

TEST_F(TextsTest, OneThatIsGoneIsWaitedForNoMore) {
  TestClient client(*server_);
  client("SELECT INBOX");
  client.send("f FETCH 2 (BODY.PEEK[])\r\n");
  ASSERT_TRUE(mailbox()->remove(imap::UidSet::of(far_)));
  EXPECT_THAT(client.until("f "), HasSubstr("f OK [EXPUNGEISSUED]"));
}

TEST_F(TextsTest, ASessionThatIsToEndWaitsNoLonger) {
  TestClient client(*server_);
  client("SELECT INBOX");
  client.send("f FETCH 1:2 (BODY.PEEK[])\r\n");
  EXPECT_THAT(client.reply(), HasSubstr("* 1 FETCH"));  // goes out when it begins to wait
  server_->stop("The server goes.");
  EXPECT_THAT(client.until("* BYE"), HasSubstr("f NO [UNAVAILABLE]"));
}

}  // namespace
}  // namespace tests
