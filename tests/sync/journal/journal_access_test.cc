// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// The journal's file between processes: who writes it, who reads it meanwhile, who gives it up; one of a later version.
#include <gtest/gtest.h>

#include "proto/base/files.h"
#include "sync/journal/journal.h"
#include "tests/support/temp_maildir.h"

namespace tests {
namespace {

class JournalAccess : public testing::Test {
 protected:
  static store::StateBatch batch(const std::string& key) {
    store::StateBatch out;
    out.put(key, "value of " + key);
    return out;
  }
  static std::size_t count(mirror::JournalStorage& storage) {
    std::size_t out = 0;
    storage.for_each("", [&](std::string_view, std::string_view) { ++out; });
    return out;
  }

  TempDirectory directory_;
  const std::filesystem::path file_ = directory_.path() / "data" / "journal";
};

TEST_F(JournalAccess, IsReadWhileAnotherWrites) {
  EXPECT_EQ(count(*mirror::read_file_storage(file_)), 0u);
  EXPECT_FALSE(std::filesystem::exists(directory_.path() / "data"));
  const auto writer = mirror::make_file_storage(file_);
  writer->write(batch("a"), true);
  const auto reader = mirror::read_file_storage(file_);
  writer->write(batch("b"), true);
  EXPECT_EQ(count(*reader), 1u);
  EXPECT_EQ(count(*mirror::read_file_storage(file_)), 2u);
  EXPECT_THROW(reader->write(batch("c"), false), mirror::Failure);
  // Half a batch at the end, and damage, are the writer's to mend.
  const auto whole = base::read_file(file_);
  for (const auto& torn : {whole + std::string("\0\0\0\x20half", 8), whole.substr(0, 25) + "?" + whole.substr(26)}) {
    base::replace_file(file_, torn);
    EXPECT_LE(count(*mirror::read_file_storage(file_)), 2u);
    EXPECT_EQ(mirror::read_file_storage(file_)->unreadable(), 0u);
    EXPECT_EQ(base::read_file(file_), torn);
  }
}

TEST_F(JournalAccess, IsGivenUpToAnotherProcess) {
  const auto first = mirror::make_file_storage(file_);
  first->write(batch("a"), true);
  EXPECT_THROW(mirror::make_file_storage(file_), mirror::Failure);
  first->give_up();
  const auto second = mirror::make_file_storage(file_);
  second->write(batch("b"), true);
  EXPECT_THROW(first->write(batch("c"), true), mirror::Failure);
  EXPECT_EQ(count(*second), 2u);
}

TEST_F(JournalAccess, OfALaterVersionIsRefusedAndNotTouched) {
  std::filesystem::create_directory(directory_.path() / "data");
  const std::string later = "postern journal 3\nwhatever that means";
  base::replace_file(file_, later);
  try {
    mirror::make_file_storage(file_);
    ADD_FAILURE();
  } catch (const mirror::Failure& failure) {
    EXPECT_NE(std::string(failure.what()).find("newer version of Postern"), std::string::npos);
  }
  EXPECT_EQ(base::read_file(file_), later);
}

}  // namespace
}  // namespace tests
