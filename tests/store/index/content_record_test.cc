// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// The bytes of contents' keys and records as they lie on users' disks. A test that fails here says that stores of
// before cannot be read any more: mend the code, not the bytes.
#include "store/index/content_record.h"

#include <gtest/gtest.h>

#include "tests/support/golden.h"

namespace tests {
namespace {

namespace keys = store::keys;

const std::string kId = "abcdefghijklmnop";
const std::string kIdInHex = "6162636465666768696a6b6c6d6e6f70";
const std::string kDigest = "0123456789abcdef0123456789ABCDEF";
const std::string kDigestInHex = "3031323334353637383961626364656630313233343536373839414243444546";

TEST(ContentRecord, KeysAreTheseBytes) {
  EXPECT_EQ(hex(keys::content_link(kId, imap::Uid(0x01020304))), "63" + kIdInHex + "01020304");
  EXPECT_EQ(hex(keys::content_link_prefix(kId)), "63" + kIdInHex);
  EXPECT_EQ(hex(keys::content_record(0x0102030405060708)), "6b0102030405060708");
  EXPECT_EQ(hex(keys::content_number(kDigest)), "69" + kDigestInHex);
  EXPECT_EQ(hex(keys::content_part(keys::ContentPart::Envelope, 258)), "450000000000000102");
  EXPECT_EQ(hex(keys::content_part(keys::ContentPart::Header, 258)), "480000000000000102");
  EXPECT_EQ(hex(keys::content_part(keys::ContentPart::Structure, 258)), "530000000000000102");
  EXPECT_EQ(hex(keys::content_part(keys::ContentPart::SortTexts, 258)), "4f0000000000000102");
  EXPECT_EQ(hex(keys::content_part(keys::ContentPart::ThreadKeys, 258)), "540000000000000102");
  EXPECT_EQ(hex(keys::content_part(keys::ContentPart::SearchTexts, 258)), "460000000000000102");
  EXPECT_EQ(hex(keys::numbers_given()), "6d");
  EXPECT_EQ(hex(keys::contents_opening()), "6f");
  EXPECT_EQ(hex(keys::sweep_wanted()), "77");
  EXPECT_EQ(keys::number_at_end(keys::content_record(1ull << 40)), 1ull << 40);
  EXPECT_EQ(keys::number_at_end("k"), std::nullopt);
}

constexpr const char* kLink =
    "01"              // version
    "ac02"            // content number 300
    "80808080808001"  // a file of 2^42 octets
    "03"              // changed 2 ns before 1970
    "07";             // inode 7

TEST(ContentRecord, TheLink) {
  const keys::ContentLink link{300, {1ull << 42, -2, 7}};
  EXPECT_EQ(hex(keys::encode(link)), kLink);
  const auto whole = octets(kLink);
  EXPECT_EQ(keys::decode_content_link(whole), link);
  EXPECT_EQ(keys::decode_content_link(whole + "what a later version says"), link);
  for (std::size_t size = 0; size < whole.size(); ++size)
    EXPECT_EQ(keys::decode_content_link(whole.substr(0, size)), std::nullopt) << size;
  EXPECT_EQ(keys::decode_content_link("\x02" + whole.substr(1)), std::nullopt);
  EXPECT_EQ(keys::decode_content_link(octets("0100000000")), std::nullopt) << "no number is 0";
}

TEST(ContentRecord, TheRecord) {
  const keys::ContentRecord record{kDigest, 300};
  const auto bytes =
      "01"    // version
      "20" +  // 32 octets:
      kDigestInHex +
      "ac02";  // 300 octets on the wire
  EXPECT_EQ(hex(keys::encode(record)), bytes);
  const auto whole = octets(bytes);
  EXPECT_EQ(keys::decode_content_record(whole), record);
  EXPECT_EQ(keys::decode_content_record(whole + "what a later version says"), record);
  for (std::size_t size = 0; size < whole.size(); ++size)
    EXPECT_EQ(keys::decode_content_record(whole.substr(0, size)), std::nullopt) << size;
  EXPECT_EQ(keys::decode_content_record("\x02" + whole.substr(1)), std::nullopt);
}

TEST(ContentRecord, TheRecordOfAContentWithoutAnId) {
  EXPECT_EQ(hex(keys::encode(keys::ContentRecord())), "010000");
  EXPECT_EQ(keys::decode_content_record(octets("010000")), keys::ContentRecord());
  EXPECT_EQ(keys::decode_content_record(octets("01016100")), std::nullopt) << "an id has 32 octets";
}

TEST(ContentRecord, TheNumberOfAnId) {
  EXPECT_EQ(hex(keys::encode_number(300)), "ac02");
  EXPECT_EQ(keys::decode_number(octets("ac02")), 300u);
  for (const auto* bad : {"", "ac", "00"}) EXPECT_EQ(keys::decode_number(octets(bad)), std::nullopt) << bad;
}

}  // namespace
}  // namespace tests
