// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "proto/base/files.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <functional>
#include <set>
#include <system_error>
#include <thread>

#include "proto/base/fail_point.h"

namespace {

namespace fs = std::filesystem;

class FilesTest : public testing::Test {
 protected:
  void SetUp() override { fs::create_directory(root_); }
  void TearDown() override {
    base::FailPoint::disarm();
    fs::remove_all(root_);
  }
  std::size_t entries() const { return static_cast<std::size_t>(std::distance(fs::directory_iterator(root_), {})); }
  fs::path root_ = fs::temp_directory_path() / ("postern-files-" + base::unique_name());
};

TEST_F(FilesTest, ReplaceWritesAllOrNothing) {
  const auto path = root_ / "file";
  base::replace_file(path, "old");
  struct stat status{};
  ASSERT_EQ(::stat(path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600u);
  // Whatever step the machine dies in, one of the two texts is there, whole.
  for (std::int64_t step = 1;; ++step) {
    base::FailPoint::arm(base::FailPoint::Mode::Crash, step);
    bool crashed = false;
    try {
      base::replace_file(path, "new text");
    } catch (const base::SimulatedCrash&) {
      crashed = true;
    }
    base::FailPoint::disarm();
    const auto text = base::read_file(path);
    ASSERT_TRUE(text == "old" || text == "new text") << text;
    if (!crashed) break;
    ASSERT_LT(step, 10);
  }
  EXPECT_EQ(base::read_file(path), "new text");
}

TEST_F(FilesTest, AFullDiskLeavesNothingBehind) {
  const auto path = root_ / "file";
  base::replace_file(path, "old");
  for (std::int64_t step = 1; step <= 4; ++step) {  // create, write, sync, rename
    base::FailPoint::arm(base::FailPoint::Mode::DiskFull, step);
    EXPECT_THROW(base::replace_file(path, "new"), std::system_error);
    base::FailPoint::disarm();
    EXPECT_EQ(base::read_file(path), "old");
    EXPECT_EQ(entries(), 1u);
  }
}

TEST_F(FilesTest, EachChangingStepPassesTheFailPointFirst) {
  const auto path = root_ / "file";
  base::replace_file(path, "x");
  const auto fd = base::open_append(path);
  const std::pair<const char*, std::function<void()>> steps[] = {
      {"create", [&] { base::create_new(root_ / "new"); }},
      {"append", [&] { base::open_append(root_ / "new"); }},
      {"write", [&] { base::write_all(fd.get(), "y"); }},
      {"sync", [&] { base::sync_data(fd.get()); }},
      {"sync directory", [&] { base::sync_directory(root_); }},
      {"rename", [&] { base::rename_file(path, root_ / "new"); }},
      {"rename if exists", [&] { base::rename_if_exists(path, root_ / "new"); }},
      {"link", [&] { base::link_file(path, root_ / "new"); }},
      {"unlink", [&] { base::unlink_if_exists(path); }},
      {"directories", [&] { base::make_directories(root_ / "a" / "b"); }},
      {"times", [&] { base::set_modification_time(fd.get(), 1); }},
  };
  for (const auto& [name, step] : steps) {
    base::FailPoint::arm(base::FailPoint::Mode::Crash, 1);
    EXPECT_THROW(step(), base::SimulatedCrash) << name;
    EXPECT_TRUE(base::FailPoint::crashed());
    base::FailPoint::disarm();
    EXPECT_EQ(entries(), 1u) << name;
    EXPECT_EQ(base::read_file(path), "x") << name;
    struct stat status{};
    ASSERT_EQ(::stat(path.c_str(), &status), 0);
    EXPECT_NE(status.st_mtime, 1) << name;
  }
}

TEST_F(FilesTest, WhatIsMissing) {
  const auto path = root_ / "none";
  EXPECT_EQ(base::open_read_if_exists(path), std::nullopt);
  EXPECT_EQ(base::read_file_if_exists(path), std::nullopt);
  EXPECT_FALSE(base::rename_if_exists(path, root_ / "other"));
  EXPECT_FALSE(base::unlink_if_exists(path));
  try {
    base::read_file(path);
    FAIL();
  } catch (const std::system_error& error) {
    EXPECT_EQ(error.code(), std::errc::no_such_file_or_directory);
    EXPECT_NE(std::string(error.what()).find(path.string()), std::string::npos);
  }
  base::create_new(path);
  EXPECT_THROW(base::create_new(path), std::system_error);
}

TEST_F(FilesTest, ReadsWritesAndMakes) {
  base::make_directories(root_ / "a" / "b" / "c");
  base::make_directories(root_ / "a" / "b" / "c");
  const auto path = root_ / "a" / "b" / "c" / "f";
  std::string big(300000, 'x');
  base::write_all(base::open_append(path).get(), big);
  base::write_all(base::open_append(path).get(), "end");
  EXPECT_EQ(base::read_file(path), big + "end");
  char three[3];
  const auto fd = base::open_read(path);
  EXPECT_EQ(base::read_some_at(fd.get(), big.size(), three), 3u);
  EXPECT_EQ(base::read_some_at(fd.get(), big.size() + 3, three), 0u);
  EXPECT_THROW(base::make_directories(path), std::system_error);        // a file is there
  EXPECT_THROW(base::make_directories(path / "x"), std::system_error);  // below a file
  const auto anonymous = base::anonymous_file(root_);
  base::write_all(anonymous.get(), "abc");
  EXPECT_EQ(base::read_some_at(anonymous.get(), 0, three), 3u);
  EXPECT_EQ(entries(), 1u);
}

// Nobody waits for somebody at the other end of a pipe.
TEST_F(FilesTest, WhatIsNoFile) {
  const auto pipe = root_ / "pipe", directory = root_ / "directory", loop = root_ / "loop";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  fs::create_directory(directory);
  fs::create_symlink(loop, loop);
  for (const auto& path : {pipe, directory, loop}) {
    EXPECT_THROW(base::read_file(path), std::system_error) << path;
    EXPECT_THROW(base::read_file_if_exists(path), std::system_error) << path;
    EXPECT_THROW(base::open_append(path), std::system_error) << path;
  }
  const auto reader = base::open_read(pipe);
  EXPECT_THROW(base::open_append(pipe), std::system_error);
  try {
    base::read_file(pipe);
    FAIL();
  } catch (const std::system_error& error) {
    EXPECT_EQ(error.what(), pipe.string() + ": it is no regular file");
  }
  EXPECT_EQ(base::read_file("/dev/null"), "");
  EXPECT_THROW(base::read_file("/dev/zero"), std::system_error);
}

TEST(FileDescriptor, MovesAndCloses) {
  auto a = base::open_read("/dev/null");
  const int fd = a.get();
  auto b = std::move(a);
  EXPECT_FALSE(a);  // NOLINT: a moved-from descriptor is empty
  EXPECT_EQ(b.get(), fd);
  b = base::FileDescriptor();
  char c;
  EXPECT_THROW(base::read_some_at(fd, 0, {&c, 1}), std::system_error);
}

TEST(UniqueName, IsUniqueAcrossThreads) {
  std::vector<std::vector<std::string>> made(4);
  std::vector<std::thread> threads;
  for (auto& names : made)
    threads.emplace_back([&names] {
      for (int i = 0; i < 5000; ++i) names.push_back(base::unique_name());
    });
  for (auto& thread : threads) thread.join();
  std::set<std::string> all;
  for (const auto& names : made) all.insert(names.begin(), names.end());
  EXPECT_EQ(all.size(), 20000u);
  EXPECT_EQ(all.begin()->find_first_of("/:,"), std::string::npos);
  EXPECT_TRUE(all.begin()->ends_with("." + base::host_name()));
}

}  // namespace
