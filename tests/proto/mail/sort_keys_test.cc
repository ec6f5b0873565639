// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// What is taken from headers, and the bytes of its records as they lie on users' disks: where those fail, mend the
// code, not the bytes.
#include "proto/mail/sort_keys.h"

#include <gtest/gtest.h>

#include <chrono>

#include "proto/mail/message_id.h"
#include "proto/mail/sent_date.h"
#include "tests/support/golden.h"

namespace tests {
namespace {

using namespace std::string_literals;

std::vector<std::string> ids(std::string_view value) {
  std::vector<std::string> out;
  mail::MessageIds all(value);
  while (auto id = all.next()) out.push_back(*id);
  return out;
}

using Ids = std::vector<std::string>;

TEST(MessageIds, are_found_in_what_people_send) {
  EXPECT_EQ(ids("<a@b>"), Ids{"a@b"});
  EXPECT_EQ(ids("text <a@b>junk<c@d>\r\n\t<e@f>"), (Ids{"a@b", "c@d", "e@f"}));
  EXPECT_EQ(ids("<a\r\n b@ c>"), Ids{"ab@c"});
  EXPECT_EQ(ids("<no-at> <a@b>"), Ids{"a@b"});
  EXPECT_EQ(ids("<\"a\"@b>"), Ids{"a@b"}) << "needless quotes";
  EXPECT_EQ(ids("<a(comment)@b>"), Ids{"a@b"});
  EXPECT_EQ(ids("<a@b"), Ids{});
  EXPECT_EQ(ids("<>"), Ids{});
  EXPECT_EQ(ids("<@>"), Ids{"@"});
  EXPECT_EQ(ids(""), Ids{});
  EXPECT_EQ(ids("a@b"), Ids{});
}

TEST(MessageIds, take_a_time_that_the_length_bounds) {
  const auto before = std::chrono::steady_clock::now();
  for (const auto* piece : {"<", "<(", "<\"", "<(a@b>", "<\"a@b>", "<a@b>", "<a>"}) {
    std::string text;
    while (text.size() < 1'000'000) text += piece;
    (void)ids(text);
  }
  EXPECT_LT(std::chrono::steady_clock::now() - before, std::chrono::seconds(20));
}

TEST(SortedDate, is_in_UTC) {
  EXPECT_EQ(mail::sorted_date("Thu, 1 Jan 1970 01:00:01 +0100"), 1u);
  EXPECT_EQ(mail::sorted_date("1 Jan 70 01:00:01 +0100"), 1u);
  EXPECT_EQ(mail::sorted_date("1 Jan 1970 00:00:01 EST"), 5 * 3600 + 1u);
  EXPECT_EQ(mail::sorted_date("1 Jan 1970 00:00:01 pDT"), 7 * 3600 + 1u);
  EXPECT_EQ(mail::sorted_date("1 Jan 1970 03:00:01 C"), 1u);
  EXPECT_EQ(mail::sorted_date("1 Jan 1970 00:00:01 Y"), 12 * 3600 + 1u);
  EXPECT_EQ(mail::sorted_date("1 Jan 1970 00:00:01 nonsense"), 1u);
  EXPECT_EQ(mail::sorted_date("31 Dec 1969 23:59:58 +0000"), 0xFFFFFFFEu) << "32 bits";
  for (const auto* bad : {"", "yesterday", "31 Feb 2020 00:00:00 +0000", "1 Jan 2020", "1 Foo 2020 00:00:00"})
    EXPECT_EQ(mail::sorted_date(bad), 0u) << bad;
}

const std::string kHeader =
    "Subject: Re: =?utf-8?Q?=C3=84pfel?=\r\nFrom: =?utf-8?Q?J=C3=B6?= <Joe@example.org>, x@y\r\nFrom: second@z\r\n"
    "To: Friends: a@b;\r\nCc: <c@d>\r\nDate: Thu, 1 Jan 1970 00:00:07 +0000\r\nMessage-ID: <1@x>\r\n"
    "References: <2@x>\r\n <3@x>\r\nIn-Reply-To: <4@x>\r\n\r\n";

TEST(SortKeys, of_a_header) {
  const auto keys = mail::sort_keys_of(kHeader);
  EXPECT_EQ(keys.texts.subject, "A\xCC\x88PFEL");
  EXPECT_EQ(keys.texts.from, "JOE");
  EXPECT_EQ(keys.texts.display_from, "JO\xCC\x88");
  EXPECT_EQ(keys.texts.to, "FRIENDS");
  EXPECT_EQ(keys.texts.display_to, "FRIENDS");
  EXPECT_EQ(keys.texts.cc, "C");
  EXPECT_EQ(keys.thread.date, 7u);
  EXPECT_TRUE(keys.thread.is_reply_or_forward);
  EXPECT_EQ(keys.thread.references.size(), 2u);
  EXPECT_EQ(keys.thread.subject, mail::sort_keys_of("subject: \xC3\xA4pfel\r\n\r\n").thread.subject);
  EXPECT_EQ(keys.thread.references[1], mail::sort_keys_of("message-id: <3@x>\r\n\r\n").thread.id);
  EXPECT_EQ(mail::sort_keys_of("In-Reply-To: bla <4@x> <5@x>\r\n\r\n").thread.references,
            std::vector{mail::sort_keys_of("Message-ID: <4@x>\r\n\r\n").thread.id});
  EXPECT_EQ(mail::sort_keys_of("From: a@b\r\n\r\n").texts.display_from, "A@B");
  EXPECT_EQ(mail::sort_keys_of(""), mail::SortKeys());
  EXPECT_EQ(mail::sort_keys_of("Subject: \r\n\r\n").thread.subject, 0u);
  EXPECT_EQ(keys.search.fields[mail::SearchTexts::Cc], "<C@D>\0"s);
  EXPECT_EQ(keys.search.fields[mail::SearchTexts::Bcc], "");
}

TEST(SortKeys, are_bounded) {
  std::string header = "References:";
  for (int i = 0; i < 150'000; ++i) header += " <" + std::to_string(i) + "@x>\r\n";
  header += "Subject: " + std::string(100'000, 'x') + "\r\nTo:";
  for (int i = 0; i < 10'000; ++i) header += " a" + std::to_string(i) + "@b,\r\n";
  const auto keys = mail::sort_keys_of(header + "\r\n");
  EXPECT_EQ(keys.thread.references.size(), mail::kMostReferences);
  EXPECT_EQ(keys.texts.subject.size(), mail::kLongestSortText);
  const auto record = mail::encode(keys.search);
  EXPECT_LT(record.size(), 100u);
  EXPECT_TRUE(mail::is_search_texts(record));
  EXPECT_EQ(mail::find_search_text(record, mail::SearchTexts::To), std::nullopt) << "only the header tells it";
  EXPECT_EQ(mail::find_search_text(record, mail::SearchTexts::From), "");
}

TEST(SortKeysRecord, texts) {
  const mail::SortTexts texts{"S", "F", "", "CC", "DF", "DT"};
  const auto* bytes =
      "02"
      "0153"
      "0146"
      "00"
      "024343"
      "024446"
      "024454";
  EXPECT_EQ(hex(mail::encode(texts)), bytes);
  const auto whole = octets(bytes);
  EXPECT_EQ(mail::decode_sort_texts(whole), texts);
  EXPECT_EQ(mail::decode_sort_texts(whole + "what a later version says"), texts);
  for (std::size_t size = 0; size < whole.size(); ++size)
    EXPECT_EQ(mail::decode_sort_texts(whole.substr(0, size)), std::nullopt) << size;
  EXPECT_EQ(mail::decode_sort_texts("\x01" + whole.substr(1)), std::nullopt);
}

TEST(SortKeysRecord, threads) {
  const mail::ThreadKeys keys{300, true, 1, 0x0102030405060708, {2, 3}};
  const auto* bytes =
      "02"
      "ac02"
      "01"
      "0000000000000001"
      "0102030405060708"
      "02"
      "0000000000000002"
      "0000000000000003";
  EXPECT_EQ(hex(mail::encode(keys)), bytes);
  const auto whole = octets(bytes);
  mail::ThreadKeys out;
  EXPECT_TRUE(mail::decode_thread_keys(whole, out));
  EXPECT_EQ(out, keys);
  for (std::size_t size = 0; size < whole.size(); ++size)
    EXPECT_FALSE(mail::decode_thread_keys(whole.substr(0, size), out)) << size;
  EXPECT_FALSE(mail::decode_thread_keys("\x01" + whole.substr(1), out));
}

TEST(SortKeysRecord, search) {
  mail::SearchTexts texts;
  texts.fields[mail::SearchTexts::Subject] = "S\0"s;
  texts.fields[mail::SearchTexts::To] = "T\0U\0"s;
  const auto* bytes =
      "02"
      "03"
      "01"
      "05"
      "01"
      "01"
      "5300"
      "54005500";
  EXPECT_EQ(hex(mail::encode(texts)), bytes);
  const auto whole = octets(bytes);
  EXPECT_TRUE(mail::is_search_texts(whole));
  EXPECT_EQ(mail::find_search_text(whole, mail::SearchTexts::Subject), "S\0"s);
  EXPECT_EQ(mail::find_search_text(whole, mail::SearchTexts::From), "");
  EXPECT_EQ(mail::find_search_text(whole, mail::SearchTexts::To), "T\0U\0"s);
  for (std::size_t size = 0; size < whole.size(); ++size)
    EXPECT_FALSE(mail::is_search_texts(whole.substr(0, size))) << size;
}

}  // namespace
}  // namespace tests
