// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// The bytes of envelopes and structures as they lie on users' disks. A test that fails here says that the index's
// records of before are read as something else: mend the code, or count the version up.
#include <gtest/gtest.h>

#include "proto/mail/header.h"
#include "proto/mail/mime.h"
#include "tests/support/golden.h"

namespace tests {
namespace {

constexpr const char* kEnvelope =
    "03"      // version
    "0264"    // date "d": its length + 1
    "00"      // no subject
    "01"      // from: one address
    "034142"  //   name "AB"
    "00"      //   no route
    "0261"    //   mailbox "a"
    "0262"    //   host "b"
    "01034142000261"
    "0262"  // sender: the same
    "01034142000261"
    "0262"       // reply-to: the same
    "00"         // to: nobody
    "00"         // cc
    "00"         // bcc
    "00"         // no in-reply-to
    "043c693e";  // message-id "<i>"

TEST(MimeRecord, TheEnvelope) {
  const auto envelope = mail::parse_envelope("Date: d\r\nFrom: AB <a@b>\r\nMessage-ID: <i>\r\n\r\n");
  EXPECT_EQ(hex(mail::encode(envelope)), kEnvelope);
  const auto whole = octets(kEnvelope);
  const auto back = mail::decode_envelope(whole);
  ASSERT_TRUE(back);
  EXPECT_EQ(*back, envelope);
  for (std::size_t size = 0; size < whole.size(); ++size) EXPECT_FALSE(mail::decode_envelope(whole.substr(0, size)));
  EXPECT_FALSE(mail::decode_envelope(whole + "x"));
  EXPECT_FALSE(mail::decode_envelope("\x04" + whole.substr(1)));
}

const std::string kNoEnvelope = "00000000000000000000";  // ten fields, all empty

const std::string kStructure =
    "03"  // version
    "00"
    "32"  // its header: at 0, 50 octets
    "32"
    "03"  // its body: at 50, 3 octets
    "04" +
    hex("text") + "05" + hex("plain") +
    "01"  // one parameter
    "07" +
    hex("charset") + "01" + hex("x") +
    "00"
    "00"  // no id, no description
    "04" +
    hex("7bit") +
    "03"  // 3 octets
    "01"  // one line
    "00"
    "00"  // no md5, no disposition
    "00"
    "00"   // no languages, no location
    "00"   // no envelope
    "00";  // no parts

TEST(MimeRecord, TheStructure) {
  const std::string header = "MIME-Version: 1.0\r\nContent-Type: text/plain;charset=x\r\n\r\n";
  auto part = mail::parse_message(header + "a\r\n");
  EXPECT_EQ(part.header_size, header.size());
  part.header_size = part.body_at = 50;
  EXPECT_EQ(hex(mail::encode(part)), kStructure);
  const auto whole = octets(kStructure);
  const auto back = mail::decode_part(whole);
  ASSERT_TRUE(back);
  EXPECT_EQ(hex(mail::encode(*back)), kStructure);
  for (std::size_t size = 0; size < whole.size(); ++size) EXPECT_FALSE(mail::decode_part(whole.substr(0, size)));
  EXPECT_FALSE(mail::decode_part(whole + "x"));
  EXPECT_FALSE(mail::decode_part("\x04" + whole.substr(1)));
}

// Parts within, with all that a part can say.
TEST(MimeRecord, TheStructureOfAMessageWithAMessageInIt) {
  mail::Part inner;
  inner.header_at = inner.body_at = 20;
  inner.header_size = 0;
  inner.body_size = 1;
  inner.data.type = "a";
  inner.data.subtype = "b";
  inner.data.md5 = "m";
  inner.data.disposition = {"d", {{"n", "v"}}};
  inner.data.languages = {"l", "k"};
  inner.data.location = "p";
  inner.data.id = "i";
  inner.data.description = "";
  inner.data.lines = 300;
  inner.data.encoding = "";
  mail::Part part;
  part.header_size = part.body_at = 10;
  part.body_size = 20;
  part.data.type = "message";
  part.data.subtype = "rfc822";
  part.data.encoding = "";
  part.data.envelope = std::make_unique<imap::Envelope>();
  const auto inner_bytes =
      "14001401"  // where it is
      "0161"
      "0162"
      "00"  // a/b, no parameters
      "0269"
      "01"  // id "i", description ""
      "00"
      "00"
      "ac02"  // no encoding, 0 octets, 300 lines
      "026d"  // md5 "m"
      "01"
      "0164"
      "01016e0176"  // disposition "d", n=v
      "02"
      "016c"
      "016b"  // two languages
      "0270"  // location "p"
      "00"
      "00";  // no envelope, no parts
  const auto bytes =
      "03"
      "000a0a14"
      "07" +
      hex("message") + "06" + hex("rfc822") +
      "00000000000000000000"
      "01" +
      kNoEnvelope + "01" + inner_bytes;
  part.children.push_back(std::move(inner));
  EXPECT_EQ(hex(mail::encode(part)), bytes);
  const auto back = mail::decode_part(octets(bytes));
  ASSERT_TRUE(back);
  EXPECT_EQ(hex(mail::encode(*back)), bytes);
}

}  // namespace
}  // namespace tests
