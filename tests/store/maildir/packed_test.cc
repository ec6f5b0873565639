// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Message files that others have compressed are read as their text; what is not sound is never taken for a text.
#include "store/maildir/packed.h"

#include <bzlib.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <lzma.h>
#include <zlib.h>
#include <zstd.h>

#include <array>
#include <random>

#include "proto/base/files.h"
#include "store/mail_store.h"
#include "tests/support/temp_maildir.h"

namespace store {
namespace {

std::string gzip(std::string_view text) {
  z_stream stream{};
  EXPECT_EQ(deflateInit2(&stream, 6, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY), Z_OK);
  std::string out(deflateBound(&stream, text.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

std::string bzip2(std::string_view text) {
  std::string out(text.size() + text.size() / 50 + 700, '\0');
  auto size = static_cast<unsigned>(out.size());
  EXPECT_EQ(BZ2_bzBuffToBuffCompress(out.data(), &size, const_cast<char*>(text.data()),
                                     static_cast<unsigned>(text.size()), 9, 0, 0),
            BZ_OK);
  out.resize(size);
  return out;
}

std::string xz(std::string_view text) {
  std::string out(lzma_stream_buffer_bound(text.size()), '\0');
  std::size_t size = 0;
  EXPECT_EQ(lzma_easy_buffer_encode(6, LZMA_CHECK_CRC64, nullptr, reinterpret_cast<const std::uint8_t*>(text.data()),
                                    text.size(), reinterpret_cast<std::uint8_t*>(out.data()), &size, out.size()),
            LZMA_OK);
  out.resize(size);
  return out;
}

std::string zstd(std::string_view text) {
  std::string out(ZSTD_compressBound(text.size()), '\0');
  out.resize(ZSTD_compress(out.data(), out.size(), text.data(), text.size(), 3));
  return out;
}

struct Way {
  Packing packing;
  std::string (*pack)(std::string_view);
};
constexpr std::array kWays{Way{Packing::Gzip, gzip}, Way{Packing::Bzip2, bzip2}, Way{Packing::Xz, xz},
                           Way{Packing::Zstd, zstd}};

std::string noise(std::size_t size) {
  std::mt19937 random(7);
  std::string out(size, '\0');
  for (auto& c : out) c = static_cast<char>(random());
  return out;
}

class Packed : public testing::Test {
 protected:
  std::string read(const std::string& octets, std::size_t piece = 1000) {
    tests::write_file(path_, octets);
    const base::FileDescriptor file(::open(path_.c_str(), O_RDONLY | O_CLOEXEC));
    const auto reader = read_text(file.get(), packing_of_file(file.get()));
    std::string out, buffer(piece, '\0');
    while (const auto n = reader->read(buffer)) out.append(buffer, 0, n);
    return out;
  }

  tests::TempDirectory directory_;
  std::filesystem::path path_ = directory_.path() / "file";
};

TEST_F(Packed, is_known_by_its_first_octets) {
  for (const auto& way : kWays)
    for (const std::string text : {"", "Subject: x\n\nBody\n"}) EXPECT_EQ(packing_of(way.pack(text)), way.packing);
  EXPECT_EQ(packing_of("Dovecot-LZ4\x0d\x2a\x9b\xc5"), Packing::Lz4);
  for (const std::string_view text :
       {"", "B", "BZh: no bzip2\n", "BZh9 is a header: no\n", "Subject: x\n\n", "\x1f\x8b", "(\xb5/"})
    EXPECT_EQ(packing_of(text), Packing::None) << text;
}

TEST_F(Packed, text_of_every_size_comes_back) {
  for (const auto& way : kWays)
    for (const std::size_t size :
         {std::size_t(0), std::size_t(1), std::size_t(32 * 1024), std::size_t(32 * 1024 + 1), std::size_t(700'000)})
      for (const auto& text : {noise(size), std::string(size, 'a')})
        for (const std::size_t piece : {std::size_t(1000), std::size_t(128 * 1024)})
          EXPECT_TRUE(read(way.pack(text), piece) == text) << name_of(way.packing) << ' ' << size;
}

// As `cat a.gz b.gz` makes it, and parallel compressors do.
TEST_F(Packed, several_streams_are_one_text) {
  for (const auto& way : kWays)
    EXPECT_EQ(read(way.pack("one ") + way.pack("two ") + way.pack("three")), "one two three");
}

TEST_F(Packed, what_is_not_sound_is_no_text) {
  for (const auto& way : kWays) {
    const auto whole = way.pack(noise(50'000));
    for (const std::size_t cut : {std::size_t(1), std::size_t(8), whole.size() / 2, whole.size() - 12})
      EXPECT_THROW(read(whole.substr(0, whole.size() - cut)), CannotUnpack) << name_of(way.packing) << ' ' << cut;
    EXPECT_THROW(read(whole + "garbage behind it"), CannotUnpack) << name_of(way.packing);
    auto damaged = way.pack(std::string(50'000, 'a') + "some text that can be damaged");
    damaged[damaged.size() / 2] ^= 0x55;
    if (way.packing != Packing::Zstd)  // which by default has no checksum
      EXPECT_THROW(read(damaged), CannotUnpack) << name_of(way.packing);
  }
  EXPECT_THROW(read("Dovecot-LZ4\x0d\x2a\x9b\xc5 and more"), CannotUnpack);
}

TEST_F(Packed, a_text_without_end_is_refused) {
  const auto part = gzip(std::string(64 << 20, '\0'));
  std::string bomb;
  for (int i = 0; i < 17; ++i) bomb += part;
  EXPECT_THROW(read(bomb, 128 * 1024), CannotUnpack);
}

// In a mailbox: sizes are those of the text, whatever the name says; a damaged one cannot be read and stays.
class PackedMail : public testing::Test {
 protected:
  static StoreOptions quiet() {
    StoreOptions out;
    out.watch = out.sync_to_disk = false;
    return out;
  }
  std::shared_ptr<Mailbox> open(const std::vector<std::pair<std::string, std::string>>& files) {
    tests::make_maildir(directory_.path() / "Mail" / "INBOX");
    for (const auto& [name, octets] : files)
      tests::write_file(directory_.path() / "Mail" / "INBOX" / "cur" / name, octets);
    store_ = std::move(*MailStore::open(directory_.path() / "Mail", quiet()));
    return *store_->open_mailbox(imap::MailboxName::inbox());
  }
  static std::string text(Mailbox& mailbox, imap::Uid uid) {
    const auto reader = mailbox.reader();
    const auto found = reader->section(uid, {});
    std::string out;
    if (found) found->octets.append_to(out, 0, found->octets.size());
    return out;
  }

  tests::TempDirectory directory_;
  std::unique_ptr<MailStore> store_;
};

const std::string kText = "Subject: packed\n\none\ntwo\n", kWire = "Subject: packed\r\n\r\none\r\ntwo\r\n";

TEST_F(PackedMail, is_served_as_its_text) {
  const auto sizes = ",S=" + std::to_string(kText.size()) + ",W=" + std::to_string(kWire.size());
  const auto mailbox = open({{"1000000001.M1P1.host" + sizes + ":2,SZ", gzip(kText)},
                             {"1000000002.M1P1.host:2,S", bzip2(kText)},
                             {"1000000003.M1P1.host,S=25:2,S", xz(kText)},
                             {"1000000004.M1P1.host" + sizes + ":2,", zstd(kText)},
                             {"1000000005.M1P1.host,S=7,W=9:2,", gzip(kText)}});
  const auto uids = mailbox->uids();
  ASSERT_EQ(uids.size(), 5u);
  for (const auto uid : uids) {
    EXPECT_EQ(text(*mailbox, uid), kWire) << uid.value;
    EXPECT_EQ(mailbox->reader()->size(uid), kWire.size()) << uid.value;
    EXPECT_EQ(mailbox->reader()->envelope(uid)->subject, "packed");
  }
  ASSERT_TRUE(mailbox->copy_to(imap::UidSet::of(uids[0]), *mailbox));
  EXPECT_EQ(text(*mailbox, mailbox->uids().back()), kWire);
}

// Our own file whose text has bare line ends, compressed afterwards by a script that keeps its name.
TEST_F(PackedMail, a_text_that_was_in_wire_form_stays_so) {
  const std::string odd = "Subject: bare\n\r\none\ntwo\r\n";
  const auto sizes = ",S=" + std::to_string(odd.size()) + ",W=" + std::to_string(odd.size());
  const auto mailbox = open({{"1000000001.M1P1.host" + sizes + ":2,S", gzip(odd)}});
  EXPECT_EQ(text(*mailbox, mailbox->uids()[0]), odd);
}

// A message that begins like a compressed file was given to us so: our own name tells that it is no other text.
TEST_F(PackedMail, what_a_client_gave_is_given_back) {
  const auto mailbox = open({});
  NewMessage added;
  added.data = imap::Literal(gzip(kText));
  const auto uid = mailbox->append(std::span(&added, 1))->at(0);
  EXPECT_EQ(text(*mailbox, uid), gzip(kText));
}

TEST_F(PackedMail, a_damaged_one_cannot_be_read) {
  const auto packed = gzip(kText);
  const auto mailbox = open(
      {{"1000000001.M1P1.host:2,S", packed.substr(0, packed.size() - 5)}, {"1000000002.M1P1.host:2,S", gzip(kText)}});
  const auto uids = mailbox->uids();
  ASSERT_EQ(uids.size(), 2u);
  EXPECT_FALSE(mailbox->reader()->section(uids[0], {}));
  EXPECT_FALSE(mailbox->reader()->header(uids[0]));
  EXPECT_FALSE(mailbox->reader()->size(uids[0]));
  EXPECT_EQ(text(*mailbox, uids[1]), kWire);
  EXPECT_EQ(mailbox->uids().size(), 2u) << "it is not taken for gone";
}

}  // namespace
}  // namespace store
