// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "sync/message_name.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <ctime>

#include "sync/journal/refused_messages.h"

namespace {

using mirror::message_name;

class MessageName : public testing::Test {
 protected:
  void SetUp() override {
    ::setenv("TZ", "UTC", 1);
    ::tzset();
  }
};

TEST_F(MessageName, SubjectSenderAndDate) {
  EXPECT_EQ(message_name("Subject: Holiday\r\nFrom: Anna Muster <anna@example.org>\r\n"
                         "Date: Tue, 3 Nov 2026 10:00:00 +0100\r\n\r\n",
                         5),
            "\"Holiday\" from Anna Muster <anna@example.org> (2026-11-03 09:00)");
  EXPECT_EQ(message_name("From: a@b\r\nSubject: =?UTF-8?Q?Gr=C3=BC=C3=9Fe?=\r\n =?UTF-8?Q?_an_alle?=\r\n\r\n", 0),
            "\"Grüße an alle\" from a@b");
}

TEST_F(MessageName, WhatIsMissing) {
  EXPECT_EQ(message_name("", 0), "a message without a subject");
  EXPECT_EQ(message_name("Subject:  \r\nFrom: <>\r\n\r\n", 86400),
            "a message without a subject from <> (1970-01-02 00:00)");
  EXPECT_EQ(message_name("From: undisclosed senders\r\nDate: never\r\n\r\n", 60),
            "a message without a subject from undisclosed senders (1970-01-01 00:01)");
}

// What a stranger writes stays in its place.
TEST_F(MessageName, NothingActsOnATerminal) {
  const auto name = message_name("Subject: =?UTF-8?Q?a=1B]0;x=07b=0D=0Ac?=\r\nFrom: \"\x1b[2J\" <a\x9b@b>\r\n\r\n", 0);
  for (const unsigned char c : name) EXPECT_TRUE(c >= 0x20 && c != 0x7F) << name;
  EXPECT_NE(name.find("\"a�]0;x�b c\""), std::string::npos) << name;
  EXPECT_LT(message_name("Subject: " + std::string(100'000, 'x') + "\r\n\r\n", 0).size(), 200u);
}

TEST_F(MessageName, SentencesSayWhatWhereAndWhatToDo) {
  using mirror::Held;
  using mirror::Side;
  const mirror::HeldMessages held = {
      {{Side::Local, imap::Uid(3)}, {Held::Kind::Lost, "it is not shown", 0, 0, "\"A\" from b@c"}},
      {{Side::Remote, imap::Uid(7)}, {Held::Kind::Refused, "it is too large", 1, 0, "\"D\" from e@f"}},
      {{Side::Remote, imap::Uid(8)}, {Held::Kind::Refused, "it cannot be read", 1, 0, ""}}};
  const auto said = sentences(mirror::MailboxPath("Work"), held, {"the store", "imap.example.org"});
  ASSERT_EQ(said.size(), 3u);
  EXPECT_EQ(said[0],
            "Work: \"A\" from b@c on the store was copied to imap.example.org, and is not sent again: it is not shown. "
            "Where it is not there, `postern repair Work` sends it again");
  EXPECT_EQ(said[1],
            "Work: \"D\" from e@f on imap.example.org cannot be copied to the store: it is too large. Each `postern "
            "sync` tries it again; to be done with it, delete it or move it to another mailbox");
  EXPECT_EQ(said[2].find("Work: a message (UID 8) on imap.example.org cannot be copied"), 0u) << said[2];
}

}  // namespace
