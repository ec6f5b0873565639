// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "proto/mail/header.h"

#include <gtest/gtest.h>

#include "proto/message_data_text.h"
#include "proto/printer.h"

namespace store {
namespace {

using namespace std::string_literals;

struct Row {
  std::string_view from, to;
};

std::string nstring(const imap::NString& text) { return text ? '"' + *text + '"' : "NIL"; }

// One address a line: name, route, mailbox, host.
std::string listed(const imap::AddressList& addresses) {
  std::string out;
  for (const auto& a : addresses)
    out += nstring(a.name) + ' ' + nstring(a.adl) + ' ' + nstring(a.mailbox) + ' ' + nstring(a.host) + '\n';
  return out;
}

const Row kAddresses[] = {
    {"", ""},
    {"   ", ""},
    {"a@b.c", "NIL NIL \"a\" \"b.c\"\n"},
    {"Name <a@b>", "\"Name\" NIL \"a\" \"b\"\n"},
    {"\"Last, First\" <a@b>, c@d", "\"Last, First\" NIL \"a\" \"b\"\nNIL NIL \"c\" \"d\"\n"},
    {"a@b (Name)", "\"Name\" NIL \"a\" \"b\"\n"},
    {"Name (comment) More <a@b>", "\"Name More\" NIL \"a\" \"b\"\n"},
    {"<@r,@s:a@b>", "NIL \"@r,@s\" \"a\" \"b\"\n"},
    {"<@r a@b>", "NIL \"INVALID_ROUTE\" \"a\" \"b\"\n"},
    {"Group: a@b, c <d@e>;", "NIL NIL \"Group\" NIL\nNIL NIL \"a\" \"b\"\n\"c\" NIL \"d\" \"e\"\nNIL NIL NIL NIL\n"},
    {"undisclosed-recipients:;", "NIL NIL \"undisclosed-recipients\" NIL\nNIL NIL NIL NIL\n"},
    {"a @ b . c", "NIL NIL \"a\" \"b.c\"\n"},
    {"a(x)@(y)b(z)", "\"z\" NIL \"a\" \"b\"\n"},
    {".a..b.@c", "NIL NIL \".a..b.\" \"c\"\n"},
    {"\"a b\"@c", "NIL NIL \"a b\" \"c\"\n"},
    {"a@[127.0.0.1]", "NIL NIL \"a\" \"[127.0.0.1]\"\n"},
    {"word", "NIL NIL \"word\" \"MISSING_DOMAIN\"\n"},
    {"two words", "\"two words\" NIL \"MISSING_MAILBOX\" \"MISSING_DOMAIN\"\n"},
    {"\"quoted\"", "\"quoted\" NIL \"MISSING_MAILBOX\" \"MISSING_DOMAIN\"\n"},
    {"<>", "NIL NIL \"MISSING_MAILBOX\" \"MISSING_DOMAIN\"\n"},
    {"Name <a@b", "\"Name\" NIL \"a\" \"SYNTAX_ERROR\"\n"},
    {"Name <a", "\"Name\" NIL \"a\" \"SYNTAX_ERROR\"\n"},
    {"\"open", "NIL NIL \"MISSING_MAILBOX\" \"MISSING_DOMAIN\"\n"},
    {"a@b,,c@d", "NIL NIL \"a\" \"b\"\nNIL NIL \"MISSING_MAILBOX\" \"MISSING_DOMAIN\"\nNIL NIL \"c\" \"d\"\n"},
    {"a@b; c@d", "NIL NIL \"a\" \"b\"\n"},  // behind a fault without a comma nobody can tell
    {"=?utf-8?Q?x?= <a@b>", "\"=?utf-8?Q?x?=\" NIL \"a\" \"b\"\n"},
    {"\"esc \\\" \\\\\" <a@b>", "\"esc \" \\\" NIL \"a\" \"b\"\n"},
    {"\"fol\r\n ded\" <a@b>", "\"fol ded\" NIL \"a\" \"b\"\n"},
};

TEST(Header, addresses) {
  for (const auto& row : kAddresses) EXPECT_EQ(listed(mail::parse_addresses(row.from)), row.to) << row.from;
}

TEST(Header, addresses_as_search_sees_them) {
  const Row rows[] = {
      {"a@b", "<a@b>"},
      {"a@b (Na me)", "\"Na me\" <a@b>"},
      {"Name <a@b>,  c@d", "Name <a@b>, <c@d>"},
      {"O'Neil. \"x\" <a@b>", "\"O\\'Neil. x\" <a@b>"},
      {"=?utf-8?Q?a b?= <a@b>", "=?utf-8?Q?a b?= <a@b>"},
      {"g: a@b, c@d;", "g: <a@b>, <c@d>;"},
      {"g:;, a@b", "g:;, <a@b>"},
      {"<@r:\"a b\"@c>", "<@r:\"a b\"@c>"},
      {"word", "<word@MISSING_DOMAIN>"},
  };
  for (const auto& row : rows) EXPECT_EQ(mail::print_addresses(mail::parse_addresses(row.from)), row.to) << row.from;
}

TEST(Header, values_in_one_line) {
  const struct {
    std::string from, unfolded, for_people, searched;
  } rows[] = {
      {" a", "a", "a", "a"},
      {"a  b ", "a  b ", "a b", "a  b "},
      {"  \t a\r\n\tb\r\n  c", "a\tb  c", "a b c", " \t a b  c"},
      {"", "", "", ""},
      {"   ", "  ", "", "  "},
      {" a\0b"s,
       "a\xEF\xBF\xBD"s
       "b",
       "a\0b"s, "a\0b"s},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(mail::unfold(row.from), row.unfolded) << row.from;
    EXPECT_EQ(imap::collapse_spaces(row.from), row.for_people) << row.from;
    EXPECT_EQ(mail::one_line(row.from), row.searched) << row.from;
  }
}

TEST(Header, envelope) {
  const auto envelope = mail::parse_envelope(
      "Date: Mon,\r\n  1 Jan 2024\r\nSubject: first\r\nSUBJECT :\r\n last  one \r\nFrom: a@b\r\nfrom: c@d\r\n"
      "Reply-To:\r\nMessage-ID: <x>\r\n\r\nSubject: of the body\r\n");
  EXPECT_EQ(envelope.date, "Mon,  1 Jan 2024");
  EXPECT_EQ(envelope.subject, "\r\n last  one ");
  EXPECT_EQ(listed(envelope.from), "NIL NIL \"a\" \"b\"\nNIL NIL \"c\" \"d\"\n");
  EXPECT_EQ(envelope.sender, envelope.from);
  EXPECT_EQ(envelope.reply_to, envelope.from);
  EXPECT_EQ(envelope.message_id, "<x>");
  EXPECT_FALSE(envelope.in_reply_to);
}

TEST(Header, texts_for_people_are_printed_as_people_read_them) {
  const Row rows[] = {{"x", "\"x\""},
                      {"", "\"\""},
                      {"  \r\n\t", "\"\""},
                      {" a  b", "{3}\r\na b"},
                      {"a\r\n b", "{3}\r\na b"},
                      {"a ", "{1}\r\na"},
                      {"a\\b", "{3}\r\na\\b"},
                      {"\xc3\xa4", "{2}\r\n\xc3\xa4"}};
  for (const auto& row : rows) {
    std::string out;
    imap::Printer printer(out);
    imap::Envelope envelope;
    envelope.subject = row.from;
    imap::print_envelope(printer, envelope);
    EXPECT_EQ(out, "(NIL " + std::string(row.to) + " NIL NIL NIL NIL NIL NIL NIL NIL)") << row.from;
  }
}

TEST(Header, filter) {
  const std::string header = " leading: x\r\nA: 1\r\nno colon\r\nb : 2\r\n folded\r\nA: 3\r\n\r\n";
  EXPECT_EQ(mail::filter_header(header, {"a"}, false), "A: 1\r\nA: 3\r\n\r\n");
  EXPECT_EQ(mail::filter_header(header, {"B", "none"}, false), "b : 2\r\n folded\r\n\r\n");
  EXPECT_EQ(mail::filter_header(header, {"a", "b"}, true), " leading: x\r\nno colon\r\n\r\n");
  EXPECT_EQ(mail::filter_header("A: 1\r\nB: 2", {"a"}, false), "A: 1\r\n");
  EXPECT_EQ(mail::header_length("A: 1\r\n \r\n\r\nbody\r\n\r\n"), 11u);
  EXPECT_EQ(mail::header_length("A: 1\r\nno end"), 12u);
}

std::string shown(const mail::ContentType& type) {
  auto out = type.type + '/' + type.subtype;
  for (const auto& [name, value] : type.parameters) out += ';' + name + '=' + value;
  return out;
}

TEST(Header, content_type) {
  const Row rows[] = {
      {"text/plain", "text/plain"},
      {"Text / (c) HTML ; charset=\"utf-8\" ; x=y", "Text/HTML;charset=utf-8;x=y"},
      {"text", "text/"},
      {"text/", "/"},
      {"/plain", "/"},
      {"", "/"},
      {"text plain", "/"},
      {"text/plain charset=x", "/"},
      {"text/plain; charset", "text/plain"},
      {"text/plain; charset=", "text/plain;charset="},
      {"text/plain; name=a/b; c=d", "text/plain;name=a;c=d"},
      {"text/plain; name==?utf-8?B?eA==?= ; c=d", "text/plain;name==?utf-8?B?eA==?=;c=d"},
      {"text/plain; n=\"a\\\"b\\\\\"", "text/plain;n=a\"b\\"},
      {"text/plain; n=\"open", "text/plain"},
      {"text/plain; n=\"a\r\n b\"", "text/plain;n=a b"},
      {"a/b; n*0=\"x \"; n*1=y", "a/b;n=x y"},
      {"a/b; n*1=y; n*0=x; m=1", "a/b;m=1;n=xy"},
      {"a/b; n*0*=utf-8''%20; n*1=\"50%\"", "a/b;n*=utf-8''%2050%25"},
      {"a/b; n*0=x; n*2=z", "a/b;n*0=x;n*2=z"},
      {"a/b; n*=utf-8''x", "a/b;n*=utf-8''x"},
      {"a/b; o*0=1; o*1=2; n*=utf-8''x", "a/b;n*=utf-8''x;o=12"},
      {"a/b; n*x=1; n*99999999999=2", "a/b;n*x=1;n*99999999999=2"},
  };
  for (const auto& row : rows) EXPECT_EQ(shown(mail::parse_content_type(row.from)), row.to) << row.from;
}

TEST(Header, other_mime_fields) {
  EXPECT_EQ(mail::parse_transfer_encoding(" BASE64 (c)"), "BASE64");
  EXPECT_EQ(mail::parse_transfer_encoding("7bit;"), "");
  EXPECT_EQ(mail::parse_transfer_encoding(""), "");
  EXPECT_EQ(mail::parse_languages("en, (x) de-AT , fr"), (std::vector<std::string>{"en", "de-AT", "fr"}));
  EXPECT_EQ(mail::parse_languages("en,,fr"), (std::vector<std::string>{"en"}));
  EXPECT_EQ(mail::parse_languages("(none)"), std::vector<std::string>{});
  const auto disposition = mail::parse_disposition("attachment; filename=\"a b\"; size=3");
  ASSERT_TRUE(disposition);
  EXPECT_EQ(disposition->first, "attachment");
  EXPECT_EQ(disposition->second, (imap::Parameters{{"filename", "a b"}, {"size", "3"}}));
  EXPECT_EQ(mail::parse_disposition("attachment filename=x")->second, imap::Parameters{});
}

}  // namespace
}  // namespace store
