// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "store/maildir/watch.h"

#include <gtest/gtest.h>
#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <set>
#include <string>

#include "proto/base/mutex.h"
#include "store/owner/store_lock.h"
#include "tests/support/temp_maildir.h"

namespace store {
namespace {

namespace fs = std::filesystem;

// What was told, and a wait for it: the watch has a thread of its own.
class Told {
 public:
  void add(std::string name) {
    const base::MutexLock lock(mutex_);
    names_.insert(std::move(name));
    more_.notify_all();
  }
  bool comes(const std::string& name) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    const base::MutexLock lock(mutex_);
    while (!names_.contains(name))
      if (!more_.wait_until(mutex_, end)) return names_.contains(name);
    return true;
  }
  bool has(const std::string& name) {
    const base::MutexLock lock(mutex_);
    return names_.contains(name);
  }

 private:
  base::Mutex mutex_;
  base::CondVar more_;
  std::multiset<std::string> names_ GUARDED_BY(mutex_);
};

TEST(Watch, TellsWhatHappens) {
  const tests::TempDirectory root;
  tests::make_maildir(root.path());
  Told told;
  Watch watch({});
  const auto token =
      watch.add(root.path() / "cur", [&](std::string_view name, Watch::What) { told.add(std::string(name)); });
  ASSERT_TRUE(token);
  tests::write_file(root.path() / "tmp" / "a", "");
  fs::rename(root.path() / "tmp" / "a", root.path() / "cur" / "a");
  EXPECT_TRUE(told.comes("a"));
  fs::rename(root.path() / "cur" / "a", root.path() / "cur" / "a:2,S");
  EXPECT_TRUE(told.comes("a:2,S"));
  fs::remove(root.path() / "cur" / "a:2,S");
}

TEST(Watch, DrainTellsWhatHappenedBefore) {
  const tests::TempDirectory root;
  Told told;
  Watch watch({});
  const auto token = watch.add(root.path(), [&](std::string_view name, Watch::What) { told.add(std::string(name)); });
  for (int i = 0; i < 100; ++i) {
    const auto name = std::to_string(i);
    tests::write_file(root.path() / name, "");
    watch.drain();
    EXPECT_TRUE(told.has(name));
  }
}

TEST(Watch, EndsWithItsToken) {
  const tests::TempDirectory root;
  Told told, other;
  Watch watch({});
  auto token = watch.add(root.path(), [&](std::string_view name, Watch::What) { told.add(std::string(name)); });
  token.reset();
  const auto again = watch.add(root.path(), [&](std::string_view name, Watch::What) { other.add(std::string(name)); });
  tests::write_file(root.path() / "a", "");
  watch.drain();
  EXPECT_TRUE(other.has("a"));
  EXPECT_FALSE(told.has("a"));
}

TEST(Watch, DirectoryThatGoesIsAnything) {
  const tests::TempDirectory root;
  fs::create_directory(root.path() / "cur");
  Told told;
  Watch watch({});
  const auto token =
      watch.add(root.path() / "cur", [&](std::string_view name, Watch::What) { told.add(std::string(name)); });
  fs::remove(root.path() / "cur");
  EXPECT_TRUE(told.comes(""));
  EXPECT_FALSE(watch.add(root.path() / "missing", [](std::string_view, Watch::What) {}));
}

TEST(Watch, AfterIsCalled) {
  const tests::TempDirectory root;
  Told told;
  Watch watch({});
  watch.set_after([&] { told.add("after"); });
  const auto token = watch.add(root.path(), [](std::string_view, Watch::What) {});
  tests::write_file(root.path() / "a", "");
  EXPECT_TRUE(told.comes("after"));
  watch.set_after({});
}

// In a namespace of its own, where the kernel gives one watch only.
int look_without_watches() {
  constexpr int kCannotTell = 77;
  if (::unshare(CLONE_NEWUSER) < 0) return kCannotTell;
  {
    std::ofstream limit("/proc/sys/user/max_inotify_watches");
    limit << "1" << std::flush;
    if (!limit) return kCannotTell;
  }
  const tests::TempDirectory root;
  tests::make_maildir(root.path());
  Watch watch({});
  const auto token = watch.add(root.path() / "cur", [](std::string_view, Watch::What) {});
  if (!token || watch.add(root.path() / "new", [](std::string_view, Watch::What) {})) return kCannotTell;
  Told told;
  watch.set_after([&] { told.add("after"); });
  const bool looked = told.comes("after");
  watch.set_after({});
  return looked ? 0 : 1;
}

TEST(Watch, LooksByTheClockWhereTheKernelHasNoMoreWatches) {
  const auto child = ::fork();
  if (child == 0) ::_exit(look_without_watches());
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFEXITED(status));
  if (WEXITSTATUS(status) == 77) GTEST_SKIP() << "namespaces are not allowed here";
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

TEST(StoreLock, OneOwner) {
  const tests::TempDirectory root;
  {
    const auto lock = StoreLock::take(root.path());
    ASSERT_TRUE(lock);
    EXPECT_EQ(fs::status(root.path() / ".postern").permissions(), fs::perms::owner_all);
    const auto second = StoreLock::take(root.path());
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().reason, base::Reason::InUse);
    EXPECT_NE(second.error().text.find(std::to_string(::getpid())), std::string::npos);
  }
  EXPECT_TRUE(StoreLock::take(root.path()).has_value());
}

TEST(StoreLock, WhatLiesInTheFileOfADeadOwnerIsNoMatter) {
  const tests::TempDirectory root;
  fs::create_directory(root.path() / ".postern");
  tests::write_file(root.path() / ".postern" / "lock", "1\nnonsense of some length\n");
  ASSERT_TRUE(StoreLock::take(root.path()).has_value());
  EXPECT_EQ(tests::read_file(root.path() / ".postern" / "lock"), std::to_string(::getpid()) + "\n");
}

}  // namespace
}  // namespace store
