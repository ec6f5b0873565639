// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// The bytes of the journal of two foreign servers, a file: as they are written, of before, and damaged.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sync/journal/journal.h"
#include "tests/support/golden.h"
#include "tests/support/temp_maildir.h"

namespace tests {
namespace {

class JournalFileBytes : public testing::Test {
 protected:
  std::unique_ptr<mirror::JournalStorage> storage() { return mirror::make_file_storage(file()); }
  std::filesystem::path file() const { return directory_.path() / "journal"; }
  std::string open_and_list() {
    std::string out;
    const auto opened = storage();
    unreadable_ = opened->unreadable();
    opened->for_each("", [&](std::string_view key, std::string_view value) {
      out.append(key).append("=").append(value).append(" ");
    });
    if (unreadable_ > 0) opened->mend({});
    return out;
  }
  TempDirectory directory_;
  std::uint64_t unreadable_ = 0;
};

// Batches: length, checksum, key, value length + 1 (0: erased).
const std::string kFirst = std::string("00000003") + hex("key") + "00000004" + hex("one");
const std::string kSecond =
    std::string("00000003") + hex("key") + "00000004" + hex("two") + "00000004" + hex("gone") + "00000000";
const std::string kForm1 = hex("postern journal 1\n"), kForm2 = hex("postern journal 2\n");

TEST_F(JournalFileBytes, AsTheyAreWritten) {
  {
    const auto opened = storage();
    store::StateBatch first, second;
    first.put("key", "one");
    opened->write(first, true);
    second.put("key", "two");
    second.erase("gone");
    opened->write(second, true);
  }
  const auto expected = kForm2 + "0000000e" + "cefa66a5" + kFirst + "0000001a" + "a5b75398" + kSecond;
  EXPECT_EQ(hex(read_file(file())), expected);
  EXPECT_EQ(open_and_list(), "key=two ");
}

// Files of before have another checksum. They are read once, and are of this form then.
TEST_F(JournalFileBytes, FilesOfBeforeAreReadAndWrittenAnew) {
  const auto before = kForm1 + "0000000e" + "7ff32c85" + kFirst + "0000001a" + "000a8440" + kSecond;
  const auto after = kForm2 + "0000000e" + "a55c6a32" + std::string("00000003") + hex("key") + "00000004" + hex("two");
  write_file(file(), octets(before));
  EXPECT_EQ(open_and_list(), "key=two ");
  EXPECT_EQ(unreadable_, 0u);
  EXPECT_EQ(hex(read_file(file())), after);
  EXPECT_EQ(open_and_list(), "key=two ");
}

TEST_F(JournalFileBytes, DamageInAFileOfBeforeIsSaidAndMended) {
  const auto damaged = kForm1 + "0000000e" + "7ff32c86" + kFirst + "0000001a" + "000a8440" + kSecond;
  write_file(file(), octets(damaged));
  EXPECT_EQ(open_and_list(), "key=two ");
  EXPECT_EQ(unreadable_, 22u);
  EXPECT_TRUE(read_file(file()).starts_with("postern journal 2\n"));
  EXPECT_EQ(open_and_list(), "key=two ");
  EXPECT_EQ(unreadable_, 0u);
}

// What a process that died left of its last batch is cut off, also of a file of before.
TEST_F(JournalFileBytes, AFileOfBeforeThatIsCutOff) {
  const auto whole = octets(kForm1 + "0000000e" + "7ff32c85" + kFirst + "0000001a" + "000a8440" + kSecond);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    write_file(file(), whole.substr(0, size));
    EXPECT_EQ(open_and_list(), size < 18 + 22 ? "" : "key=one ") << size;
    EXPECT_TRUE(read_file(file()).starts_with("postern journal 2\n")) << size;
  }
}

}  // namespace
}  // namespace tests
