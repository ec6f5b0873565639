// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Names and texts as two sides must agree on them: MailboxPath, MailboxFilter, Message-ID, digest.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "proto/mail/digest.h"
#include "proto/mail/message_id.h"
#include "sync/config/mailbox_filter.h"
#include "sync/mailbox_path.h"

namespace tests {
namespace {

using imap::MailboxName;
using mail::digest_of;
using mail::message_id_of;
using mirror::MailboxFilter;
using mirror::MailboxPath;
using mirror::parse_patterns;
using testing::ElementsAre;

MailboxPath path(std::string_view slashes) {
  std::string text(slashes);
  std::ranges::replace(text, '/', '\0');
  return MailboxPath(text);
}

TEST(MailboxPath, TheSameOnSidesWithDifferentDelimiters) {
  const auto slash = MailboxPath::from_name(MailboxName("lists/one"), '/', "");
  const auto dot = MailboxPath::from_name(MailboxName("INBOX.lists.one"), '.', "INBOX.");
  ASSERT_TRUE(slash && dot);
  EXPECT_EQ(*slash, *dot);
  EXPECT_EQ(slash->shown(), "lists/one");
  EXPECT_EQ(slash->to_name('.', "INBOX.")->utf8(), "INBOX.lists.one");
  EXPECT_EQ(slash->to_name('/', "")->utf8(), "lists/one");
}

TEST(MailboxPath, WhatASideCannotHave) {
  EXPECT_EQ(path("a.b").to_name('.', ""), std::nullopt);
  EXPECT_EQ(path("a.b/c").to_name('/', "")->utf8(), "a.b/c");
  EXPECT_EQ(path("a/b").to_name(std::nullopt, ""), std::nullopt);
  EXPECT_EQ(path("a").to_name(std::nullopt, "")->utf8(), "a");
  EXPECT_EQ(MailboxPath::from_name(MailboxName("other"), '/', "Mail/"), std::nullopt);
  EXPECT_EQ(MailboxPath::from_name(MailboxName("Mail/"), '/', "Mail/"), std::nullopt);
  EXPECT_EQ(MailboxPath::from_name(MailboxName("a/"), '/', "")->text(), "a");
  EXPECT_EQ(MailboxPath::from_name(MailboxName(""), '/', ""), std::nullopt);
}

TEST(MailboxPath, InboxIsInboxInAnyCase) {
  EXPECT_TRUE(MailboxPath::from_name(MailboxName("inbox", '/'), '/', "")->is_inbox());
  EXPECT_EQ(MailboxPath::from_name(MailboxName("inBox/a", '/'), '/', "")->shown(), "INBOX/a");
  EXPECT_FALSE(path("INBOX/a").is_inbox());
}

TEST(MailboxFilter, Patterns) {
  EXPECT_THAT(*parse_patterns("INBOX  \"Sent Mail\"\tlists%"), ElementsAre("INBOX", "Sent Mail", "lists%"));
  EXPECT_THAT(*parse_patterns("\"a\\x00b\" \"q\\\"\\\\\""), ElementsAre(std::string("a\0b", 3), "q\"\\"));
  EXPECT_THAT(*parse_patterns("Entw&APw-rfe"), ElementsAre("Entw\xc3\xbcrfe"));
  EXPECT_TRUE(parse_patterns("")->empty());
  for (const auto* text : {"\"a", "\"\\", "\"\\x0\"", "\"\\z\"", "&", "&AP"})
    EXPECT_FALSE(parse_patterns(text)) << text;
}

TEST(MailboxFilter, Matches) {
  const auto matches = [](const std::string& patterns, const std::string& ignore, std::string_view name) {
    return MailboxFilter(*parse_patterns(patterns), ignore).matches(path(name));
  };
  EXPECT_TRUE(matches("", "", "anything/below"));
  EXPECT_TRUE(matches("*", "", "a/b"));
  EXPECT_TRUE(matches("%", "", "a"));
  EXPECT_FALSE(matches("%", "", "a/b"));
  EXPECT_TRUE(matches("INBOX lists*", "", "lists/one"));
  EXPECT_FALSE(matches("INBOX lists*", "", "work"));
  EXPECT_TRUE(matches("\"lists\\x00%\"", "", "lists/one"));
  EXPECT_FALSE(matches("\"lists\\x00%\"", "", "lists/one/two"));
  EXPECT_TRUE(matches("lists/one", "", "lists/one"));
  // The expression sees modified UTF-7 with NUL for the delimiter.
  EXPECT_FALSE(matches("", "^virtual(?:\\x00|$)", "virtual"));
  EXPECT_FALSE(matches("", "^virtual(?:\\x00|$)", "virtual/all"));
  EXPECT_TRUE(matches("", "^virtual(?:\\x00|$)", "virtually"));
  EXPECT_FALSE(matches("", "^Entw&APw-rfe$", "Entw\xc3\xbcrfe"));
  EXPECT_FALSE(matches("*", "one", "lists/one"));
  EXPECT_FALSE(MailboxFilter::check("("));
  EXPECT_TRUE(MailboxFilter::check("^a$"));
}

TEST(MailboxFilter, WhatServersAreAsked) {
  EXPECT_THAT(MailboxFilter(*parse_patterns("a b*"), "").server_patterns(), ElementsAre("a", "b*"));
  EXPECT_TRUE(MailboxFilter(*parse_patterns("a \"b\\x00c\""), "").server_patterns().empty());
}

TEST(MessageId, InAnyShape) {
  EXPECT_EQ(mail::message_id_of("Subject: x\r\nMessage-ID: <a@b>\r\n\r\n"), "<a@b>");
  EXPECT_EQ(mail::message_id_of("message-id:<a@b>\n"), "<a@b>");
  EXPECT_EQ(mail::message_id_of("MESSAGE-ID:\r\n <a@\r\n\tb>\r\nX: y\r\n"), "<a@b>");
  EXPECT_EQ(mail::message_id_of("X-Message-ID: <a@b>\r\n"), "");
  EXPECT_EQ(mail::message_id_of("Subject: one\r\n two\r\n"), "");
  EXPECT_EQ(mail::message_id_of("Message-ID:\r\n"), "");
  EXPECT_EQ(mail::message_id_of("Message-ID: <a@b>"), "<a@b>");
  EXPECT_EQ(mail::message_id_of("Message-ID: <a>\r\nMessage-ID: <b>\r\n"), "<a>");
  EXPECT_EQ(mail::message_id_of(""), "");
}

TEST(Digest, TheSameHoweverLinesEnd) {
  const auto wire = mail::digest_of(imap::Literal("a\r\nb\r\n")), unix_text = mail::digest_of(imap::Literal("a\nb\n"));
  EXPECT_EQ(wire, unix_text);
  EXPECT_EQ(wire.size, 6u);
  EXPECT_EQ(wire.sha256.size(), 32u);
  EXPECT_NE(wire, mail::digest_of(imap::Literal("a\r\nB\r\n")));
  EXPECT_NE(wire, mail::digest_of(imap::Literal("a\r\nb")));
  EXPECT_EQ(mail::digest_of(imap::Literal("")).size, 0u);
  EXPECT_EQ(mail::digest_of(imap::Literal("\n\n")).size, 4u);
  EXPECT_EQ(mail::digest_of(imap::Literal(std::string("\0\r\n", 3))).size, 3u);
}

// mbsync and OfflineIMAP write a line of their own into the header of each copy that they make.
TEST(Digest, OfTheContentWithoutTheLinesOfSynchronisers) {
  const auto digest = [](const std::string& text) { return mail::content_digest_of(imap::Literal(text)); };
  const auto plain = digest("From: a\nSubject: b\n\nX-TUID: in the text\n");
  for (const std::string same : {"X-TUID: 123456789012\nFrom: a\nSubject: b\n\nX-TUID: in the text\n",
                                 "From: a\r\nx-tuid: 1\r\nSubject: b\r\n\r\nX-TUID: in the text\r\n",
                                 "From: a\nSubject: b\nX-OfflineIMAP: 12-34\n folded\n\tagain\n\nX-TUID: in the text\n",
                                 "From: a\nX-OFFLINEIMAP:\nX-TUID:\nSubject: b\n\nX-TUID: in the text\n"})
    EXPECT_EQ(digest(same), plain) << same;
  for (const std::string other : {"From: a\nSubject: b\n\n\n", "From: a\nSubject: b\n\nX-TUID: in the texT\n",
                                  "From: a\nX-TUID-2: b\nSubject: b\n\nX-TUID: in the text\n",
                                  "From: a\nSubject: b\n X-TUID: 1\n\nX-TUID: in the text\n"})
    EXPECT_NE(digest(other), plain) << other;
  const std::string line(100'000, 'x');
  EXPECT_EQ(digest("A: " + line + "\nX-TUID: " + line + "\n\nb"), digest("A: " + line + "\n\nb"));
  EXPECT_EQ(digest("X-TUID: 1"), digest(""));
}

}  // namespace
}  // namespace tests
