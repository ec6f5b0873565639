// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// SEARCH in a store: each row is a message and what finds it or not.
#include <gtest/gtest.h>

#include "proto/mail/sent_date.h"
#include "store/mail_store.h"
#include "tests/support/temp_maildir.h"

namespace store {
namespace {

using Kind = imap::SearchKey::Kind;

class Search : public testing::Test {
 protected:
  // Whether a mailbox with this message alone finds it.
  bool finds(const std::string& message, const imap::SearchKey& key) {
    NewMessage added;
    added.data = imap::Literal(message);
    auto uid = mailbox_->append(std::span(&added, 1));
    EXPECT_TRUE(uid);
    imap::UidSet among;
    among.add(uid->at(0));
    return mailbox_->search(key, among).size() == 1;
  }
  static imap::SearchKey key(Kind kind, std::string text) {
    imap::SearchKey out;
    out.kind = kind;
    out.text = std::move(text);
    return out;
  }
  static imap::SearchKey header(std::string field, std::string text) {
    auto out = key(Kind::Header, std::move(text));
    out.field = std::move(field);
    return out;
  }

  tests::TempDirectory directory_;
  static StoreOptions quiet() {
    StoreOptions out;
    out.watch = out.sync_to_disk = false;
    return out;
  }
  std::unique_ptr<MailStore> store_ = std::move(*MailStore::open(directory_.path() / "Mail", quiet()));
  std::shared_ptr<Mailbox> mailbox_ = *store_->open_mailbox(imap::MailboxName::inbox());
};

const std::string kPlain =
    "Subject: =?utf-8?Q?=C3=84rger_im?=\r\n\tGarten\r\nFrom: \"Last, First\" <First.Last@Example.ORG>\r\n"
    "Cc: a@b (Name)\r\nX-Empty:\r\n\r\nThe body of it.\r\n";

TEST_F(Search, headers) {
  EXPECT_TRUE(finds(kPlain, key(Kind::Subject, "ärger IM garten")));
  EXPECT_FALSE(finds(kPlain, key(Kind::Subject, "arger")));
  EXPECT_TRUE(finds(kPlain, key(Kind::From, "\"last, first\" <first")));
  EXPECT_FALSE(finds(kPlain, key(Kind::To, "")));
  EXPECT_TRUE(finds(kPlain, key(Kind::Cc, "name <A@B>")));
  EXPECT_TRUE(finds(kPlain, header("x-EMPTY", "")));
  EXPECT_FALSE(finds(kPlain, header("x-empty", "x")));
  EXPECT_TRUE(finds(kPlain, header("x-empty", "\r\n"))) << "a field's last line end is part of it";
  EXPECT_FALSE(finds(kPlain, key(Kind::Subject, "im\r\n")));
  EXPECT_TRUE(finds(kPlain, header("Subject", "ÄRGER im garten")));
  EXPECT_FALSE(finds(kPlain, header("Subject", "subject")));
}

TEST_F(Search, body_and_text) {
  EXPECT_TRUE(finds(kPlain, key(Kind::Body, "BODY of")));
  EXPECT_FALSE(finds(kPlain, key(Kind::Body, "ärger")));
  EXPECT_TRUE(finds(kPlain, key(Kind::Text, "subject: ärger im")));
  EXPECT_TRUE(finds(kPlain, key(Kind::Text, "body")));
  EXPECT_TRUE(finds(kPlain, key(Kind::Body, "")));
}

TEST_F(Search, parts_are_decoded) {
  const struct {
    std::string fields, body;
    bool found;
  } rows[] = {
      {"Content-Type: text/plain; charset=iso-8859-1\r\nContent-Transfer-Encoding: quoted-printable\r\n",
       "s=F6u=\r\nght", true},
      {"Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n", "PHA+U8OWVUdIVA==", true},
      {"Content-Type: text/plain; charset=x-unknown\r\n", "sÖught", true},
      {"Content-Type: message/delivery-status\r\n", "söught", true},
      {"Content-Type: image/png\r\n", "söught", false},
      {"Content-Type: text\r\n", "söught", false},
      {"Content-Type: text/plain\r\nContent-Transfer-Encoding: x-own\r\n", "söught", false},
      {"Content-Type: multipart/mixed; boundary=b\r\n", "söught\r\n--b\r\n\r\nno\r\n--b--\r\nsöught", false},
      {"Content-Type: multipart/mixed; boundary=b\r\n", "--b\r\n\r\nsöught\r\n--b--", true},
      {"Content-Type: message/rfc822\r\n", "Subject: x\r\n\r\nsöught", true},
      {"Content-Type: message/rfc822\r\n", "Subject: söught\r\n\r\nx", false},
      {"", "söught", true},
  };
  for (const auto& row : rows)
    EXPECT_EQ(finds(row.fields + "\r\n" + row.body, key(Kind::Body, "SÖught")), row.found) << row.fields;
  EXPECT_TRUE(finds("Content-Type: message/rfc822\r\n\r\nSubject: söught\r\n\r\nx", key(Kind::Text, "SÖUGHT")));
  EXPECT_TRUE(finds("Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nX: söught\r\n\r\n--b--",
                    key(Kind::Text, "söught")));
}

TEST_F(Search, sent_dates) {
  auto sent = [](Kind kind, imap::Date date) {
    imap::SearchKey out;
    out.kind = kind;
    out.date = date;
    return out;
  };
  const std::string dated = "Date: Sat, 29 Feb 2020 23:59:59 -1000\r\n\r\n", undated = "Subject: x\r\n\r\n";
  EXPECT_TRUE(finds(dated, sent(Kind::SentOn, {2020, 2, 29})));
  EXPECT_TRUE(finds(dated, sent(Kind::SentSince, {2020, 2, 29})));
  EXPECT_FALSE(finds(dated, sent(Kind::SentBefore, {2020, 2, 29})));
  EXPECT_TRUE(finds(dated, sent(Kind::SentBefore, {2020, 3, 1})));
  EXPECT_TRUE(finds(undated, sent(Kind::SentBefore, {2000, 1, 1})));
  EXPECT_TRUE(finds(undated, sent(Kind::SentOn, {1970, 1, 1})));
}

TEST(SentDate, forms) {
  const struct {
    std::string_view text;
    std::optional<imap::Date> date;
  } rows[] = {
      {"Mon, 02 Nov 2020 10:11:12 +0100", imap::Date{2020, 11, 2}},
      {"2 Nov 98 10:11", imap::Date{1998, 11, 2}},
      {"2 Nov 69 10:11:12 GMT", imap::Date{2069, 11, 2}},
      {"(a) Mon (b), 4 June 2007 (c) 08.09.10 +0200", imap::Date{2007, 6, 4}},
      {"Mon, 4 Jun\r\n 2007 08:09:10 (CEST)", imap::Date{2007, 6, 4}},
      {"Monday, 4 Jun 2007 08:09:10", {}},
      {"Mon 4 Jun 2007 08:09:10", {}},
      {"4 Jun 2007", {}},
      {"4 Jun 2007 24:00:00 +0000", {}},
      {"31 Feb 2007 10:00:00 +0000", {}},
      {"4 Jun 107 10:00:00 +0000", {}},
      {"", {}},
      {"30 Sep 2020 20:12)15 +1000", {}},
      {"30 Sep 2020 20:12:15 (c)", imap::Date{2020, 9, 30}},
      {"30 Sep 2020 20:60", {}},
      {"30 Sep 2020 23:59:60", imap::Date{2020, 9, 30}},
      {"31 Dec 1969 23:59:59 +0000", {}},
      {"not a date", {}},
  };
  for (const auto& row : rows) EXPECT_EQ(mail::sent_date(row.text), row.date) << row.text;
}

}  // namespace
}  // namespace store
