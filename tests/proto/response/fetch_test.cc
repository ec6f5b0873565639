// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "proto/response/fetch.h"

#include <gtest/gtest.h>

#include "tests/support/response_text.h"

namespace {

using namespace imap;
using tests::expect_no_response;
using tests::expect_response;
using tests::expect_response_reprints;

FetchResponse fetch(std::string_view text) { return tests::response_as<FetchResponse>(text); }

FetchResponse with_uid(std::uint32_t number, std::uint32_t uid) {
  FetchResponse out;
  out.number = SeqNum(number);
  out.uid = Uid(uid);
  return out;
}

TEST(FetchResponse, SmallItems) {
  auto value = with_uid(12, 4827313);
  expect_response("* 12 FETCH (UID 4827313)", value);
  value.modseq = ModSeq(624140003);
  value.flags.emplace();
  value.flags->add(Flag::Seen);
  value.flags->add("$Forwarded");
  value.recent = true;
  value.internal_date = DateTime{837596665, -420};
  value.size = 4286;
  expect_response(
      "* 12 FETCH (FLAGS (\\Seen $Forwarded \\Recent) UID 4827313 INTERNALDATE \"17-Jul-1996 02:44:25 -0700\" "
      "RFC822.SIZE 4286 MODSEQ (624140003))",
      value, tests::print_response_text(value));
  expect_response_reprints("* 1 FETCH (FLAGS ())");
  expect_response_reprints("* 1 fetch (uid 7)", "* 1 FETCH (UID 7)");
}

TEST(FetchResponse, Texts) {
  const auto value = fetch(
      "* 1 FETCH (BODY[HEADER.FIELDS (\"Date\" From)]<0> {3}\r\na\r\n BODY[1.2.MIME] NIL BODY[] \"\" RFC822 \"x\" "
      "RFC822.HEADER \"y\" RFC822.TEXT {2}\r\n)\")");
  ASSERT_EQ(value.texts.size(), 6u);
  EXPECT_EQ(value.texts[0].section.text, Section::Text::HeaderFields);
  EXPECT_EQ(value.texts[0].section.fields, (std::vector<std::string>{"Date", "From"}));
  EXPECT_EQ(value.texts[0].origin, 0u);
  EXPECT_EQ(value.texts[0].octets->bytes(), "a\r\n");
  EXPECT_EQ(value.texts[1].section.part, (std::vector<std::uint32_t>{1, 2}));
  EXPECT_FALSE(value.texts[1].octets);
  EXPECT_EQ(value.texts[2].octets->size(), 0u);
  EXPECT_EQ(value.texts[5].kind, FetchItem::Kind::Rfc822Text);
  EXPECT_EQ(value.texts[5].octets->bytes(), ")\"");
  EXPECT_TRUE(fetch(tests::print_response_text(value)) == value);
}

TEST(FetchResponse, Envelopes) {
  const std::string text =
      "* 12 FETCH (ENVELOPE (\"Wed, 17 Jul 1996 02:23:25 -0700\" \"IMAP\" ((\"Terry\" NIL \"gray\" \"cac.example\")) "
      "((\"Terry\" NIL \"gray\" \"cac.example\")) NIL ((NIL NIL \"team\" NIL)(NIL NIL \"joe\" \"x.example\")(NIL NIL "
      "NIL NIL)) NIL NIL \"<a@b>\" \"<B@cac>\"))";
  expect_response_reprints(text);
  const auto value = fetch(text);
  ASSERT_TRUE(value.envelope);
  EXPECT_EQ(value.envelope->subject, "IMAP");
  EXPECT_EQ(value.envelope->to.size(), 3u);
  EXPECT_EQ(value.envelope->to[0].mailbox, "team");
  EXPECT_EQ(value.envelope->to[0].host, std::nullopt);
  EXPECT_EQ(value.envelope->message_id, "<B@cac>");
}

TEST(FetchResponse, Structures) {
  for (
      const std::string_view body : {
          R"(("text" "plain" ("charset" "utf-8") NIL NIL "7bit" 12 1))",
          R"((("text" "plain" NIL NIL NIL "7bit" 1 1)("image" "png" ("name" "a.png") "<i>" "d" "base64" 4554) "mixed"))",
          R"(("message" "rfc822" NIL NIL NIL "7bit" 9 (NIL "s" NIL NIL NIL NIL NIL NIL NIL NIL) )"
          R"(("text" "plain" NIL NIL NIL "7bit" 1 1) 3))",
      })
    expect_response_reprints("* 1 FETCH (BODY " + std::string(body) + ")");
  for (
      const std::string_view body : {
          R"(("text" "html" NIL NIL NIL "quoted-printable" 12 1 "md5" ("inline" NIL) ("en" "de") "http://x"))",
          R"((("a" "b" NIL NIL NIL "7bit" 1 NIL ("attachment" ("filename" "f")) NIL NIL) "mixed" ("boundary" "b") NIL NIL NIL))",
      })
    expect_response_reprints("* 1 FETCH (BODYSTRUCTURE " + std::string(body) + ")");
  expect_response_reprints(
      R"(* 1 FETCH (BODYSTRUCTURE ("text" "plain" NIL NIL NIL "7bit" 1 1 NIL NIL "en" NIL 7 (x "y"))))",
      R"(* 1 FETCH (BODYSTRUCTURE ("text" "plain" NIL NIL NIL "7bit" 1 1 NIL NIL ("en") NIL)))");
}

// What a server adds or gets wrong is not worth the rest of the line.
TEST(FetchResponse, ToleratesWhatServersSend) {
  EXPECT_EQ(fetch("* 1 FETCH (FLAGS NIL UID 5)").uid, Uid(5));
  EXPECT_EQ(fetch("* 1 FETCH (RFC822.SIZE NIL UID \"5\")").uid, Uid(5));
  EXPECT_EQ(fetch("* 1 FETCH (MODSEQ 12)").modseq, ModSeq(12));
  EXPECT_EQ(fetch("* 1 FETCH (UID 5 MODSEQ (-1))").modseq, std::nullopt);  // jstedfast/MailKit#495
  EXPECT_EQ(fetch("* 1 FETCH (MODSEQ (-1) UID 5)").uid, Uid(5));
  EXPECT_EQ(fetch("* 1 FETCH (INTERNALDATE \"1-Jan-2020 00:00:00 +0000\")").internal_date->unix_seconds, 1577836800);
  EXPECT_EQ(fetch("* 1 FETCH (INTERNALDATE \"yesterday\" UID 5)").uid, Uid(5));
  EXPECT_EQ(fetch("* 1 FETCH (UID 5 )").uid, Uid(5));
  EXPECT_TRUE(fetch("* 1 FETCH (FLAGS (\"\\\\Seen\" \\Flagged) UID 5)").flags->has(Flag::Seen));
  const auto labelled = fetch("* 1 FETCH (X-GM-LABELS (\"\\\\Inbox\" a) BINARY[1] {1}\r\nx UID 9)");
  EXPECT_EQ(labelled.uid, Uid(9));
  ASSERT_EQ(labelled.others.size(), 2u);
  EXPECT_EQ(labelled.others[0].first, "X-GM-LABELS");
  EXPECT_EQ(labelled.others[0].second, "(\"\\\\Inbox\" a)");
  // An envelope or structure that cannot be understood is kept as it came.
  for (const std::string_view item : {"ENVELOPE (a b)", "BODYSTRUCTURE (\"x\")", "BODYSTRUCTURE ()"}) {
    const auto value = fetch("* 1 FETCH (" + std::string(item) + " UID 9)");
    EXPECT_EQ(value.uid, Uid(9)) << item;
    EXPECT_EQ(value.others.size(), 1u) << item;
    EXPECT_FALSE(value.envelope || value.body) << item;
  }
  // A message without its envelope, multiparts with spaces between, sizes that are none.
  EXPECT_TRUE(fetch(R"(* 1 FETCH (BODY ("message" "rfc822" NIL NIL NIL "7bit" 9)))").body);
  EXPECT_EQ(fetch(R"x(* 1 FETCH (BODY (("a" "b" NIL NIL NIL "7bit" "1") ("a" "b" NIL NIL NIL NIL NIL)"mixed")))x")
                .body->children.size(),
            2u);
  EXPECT_EQ(fetch("* 1 FETCH (ENVELOPE (NIL NIL \"\" NIL NIL NIL NIL NIL NIL NIL))").envelope->from.size(), 0u);
}

// No message is refused for its date, nor for another item of a form that it must not have, where that is not needed.
TEST(FetchResponse, ToleratesItemsOfAWrongForm) {
  for (const std::string_view date :
       {"NIL", "()", "(NIL)", "(\"03-Nov-2026\" (10 0 0))", "0", "-1", "1577836800", "yesterday", "\"\"", "{0}\r\n",
        "\"00-Jan-0000 00:00:00 +0000\"", "\"31-Feb-2020 00:00:00 +0000\"", "\"01-Jan-2020 00:00:00 GMT\"", "",
        "2020-01-01T00:00:00Z", "{3}\r\n) U", "\"a \\\" b\""})
    for (const std::string_view form : {"INTERNALDATE %)", "INTERNALDATE % UID 5 RFC822.SIZE 9)"}) {
      if (date.empty() && form.size() > 20) continue;
      auto line = "* 1 FETCH (UID 5 FLAGS (\\Seen) RFC822.SIZE 9 " + std::string(form);
      line.replace(line.find('%'), 1, date);
      const auto value = fetch(line);
      EXPECT_EQ(value.uid, Uid(5)) << line;
      EXPECT_EQ(value.size, 9u) << line;
      EXPECT_TRUE(value.flags && value.flags->has(Flag::Seen)) << line;
      EXPECT_EQ(value.internal_date, std::nullopt) << line;
    }
  EXPECT_EQ(fetch("* 1 FETCH (UID 5 INTERNALDATE)").uid, Uid(5));
  const auto bare = fetch("* 1 FETCH (INTERNALDATE 01-Jan-2020 00:00:00 +0000 UID 5)");
  EXPECT_EQ(bare.uid, Uid(5));
  EXPECT_EQ(bare.internal_date->unix_seconds, 1577836800);
  EXPECT_EQ(fetch("* 1 FETCH (INTERNALDATE {26}\r\n01-Jan-2020 00:00:00 +0000 UID 5)").internal_date->unix_seconds,
            1577836800);
  for (const std::string_view item :
       {"RFC822.SIZE ()", "RFC822.SIZE abc", "RFC822.SIZE 12kB", "RFC822.SIZE -1", "RFC822.SIZE \"9", "X-GM-MSGID ()",
        "ENVELOPE NIL", "BODYSTRUCTURE 5", "SAVEDATE (1 2)"}) {
    const bool open = item.ends_with("\"9");
    const auto value = fetch("* 1 FETCH (UID 5 FLAGS (\\Seen) " + std::string(item) + (open ? "\")" : ")"));
    EXPECT_EQ(value.uid, Uid(5)) << item;
    EXPECT_TRUE(value.flags && value.flags->has(Flag::Seen)) << item;
    if (!open) EXPECT_FALSE(value.size || value.modseq || value.envelope || value.body) << item;
  }
}

// Whatever is wrong with one value, and wherever it stands, the others count.
TEST(FetchResponse, PassesOverWhatIsNotUnderstood) {
  const std::string_view items[] = {
      "MODSEQ (x)",
      "MODSEQ ()",
      "MODSEQ NIL",
      "MODSEQ (NIL)",
      "MODSEQ \"9\"",
      "MODSEQ (1 2)",
      "MODSEQ 99999999999999999999",
      "MODSEQ 12kB",
      "MODSEQ {2}\r\n) ",
      "RFC822.SIZE 12kB",
      "RFC822.SIZE (9)",
      "ENVELOPE (a b)",
      "BODYSTRUCTURE 5",
      "BODY[nonsense] \"x\"",
      "BODY[HEADER.FIELDS (a b)]<x> {3}\r\n) (",
      "BODY[] x",
      "BODY[] ()",
      "RFC822.HEADER (a)",
      "X-UNHEARD (a (b))",
      "X-UNHEARD[1]<0> NIL",
      "$ (a)",
      "(a)",
      "\"a\"",
  };
  for (const auto item : items)
    for (const std::string_view form :
         {"(% UID 5 FLAGS (\\Seen))", "(UID 5 % FLAGS (\\Seen))", "(UID 5 FLAGS (\\Seen) %)"}) {
      auto line = "* 1 FETCH " + std::string(form);
      line.replace(line.find('%'), 1, item);
      const auto value = fetch(line);
      EXPECT_EQ(value.uid, Uid(5)) << line;
      EXPECT_TRUE(value.flags && value.flags->has(Flag::Seen)) << line;
      EXPECT_FALSE(value.size || value.modseq || value.envelope || value.body || !value.texts.empty()) << line;
    }
  for (const std::string_view item :
       {"FLAGS 7", "FLAGS \\Seen", "FLAGS (\\Seen (a))", "FLAGS \"\"", "FLAGS (\"a b\")", "FLAGS (\"\")"}) {
    const auto value = fetch("* 1 FETCH (" + std::string(item) + " UID 5)");
    EXPECT_EQ(value.uid, Uid(5)) << item;
    EXPECT_FALSE(value.flags) << item;
    EXPECT_EQ(value.others.at(0).first, "FLAGS") << item;
  }
  EXPECT_EQ(fetch("* 1 FETCH (UID 5 MODSEQ)").uid, Uid(5));
  EXPECT_EQ(fetch("* 1 FETCH (UID 5 MODSEQ )").uid, Uid(5));
  EXPECT_EQ(fetch("* 1 FETCH (UID 5 X-UNHEARD)").uid, Uid(5));
}

// RFC 9586: there is a UID in the place of the number, and none among the items.
TEST(FetchResponse, OfAServerWithUidsAlone) {
  const auto value = fetch("* 25996 UIDFETCH (FLAGS (\\Seen) BODY[] {2}\r\nab)");
  EXPECT_EQ(value.uid, Uid(25996));
  EXPECT_TRUE(value.flags->has(Flag::Seen));
  EXPECT_EQ(value.texts.at(0).octets->bytes(), "ab");
  EXPECT_EQ(fetch("* 7 uidfetch (UID 7)").uid, Uid(7));
  expect_no_response({"* 7 UIDFETCH", "* 7 UIDFETCH (", "* 99999999999 UIDFETCH (FLAGS ())"});
}

TEST(FetchResponse, RefusesWhatIsNone) {
  expect_no_response({"* 1 FETCH", "* 1 FETCH (", "* 1 FETCH (UID)", "* 1 FETCH (UID x)", "* 1 FETCH (UID 5",
                      "* 1 FETCH (UID 99999999999)", "* 1 FETCH (FLAGS (a)", "* 1 FETCH (MODSEQ (x)",
                      "* 1 FETCH (BODY[ \"x\")", "* 1 FETCH (UID ())", "* 1 FETCH (UID NILs)", "* 1 FETCH (UID -5)",
                      "* 1 FETCH (INTERNALDATE (a)", "* 1 FETCH (RFC822.SIZE (a)", "* 99999999999 FETCH (UID 1)"});
  std::string deep = "* 1 FETCH (BODYSTRUCTURE ";
  for (int i = 0; i < 100000; ++i) deep += "(";
  EXPECT_THROW(tests::parse_response_text(deep), std::exception);
}

}  // namespace
