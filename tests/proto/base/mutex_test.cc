// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "proto/base/mutex.h"

#include <gtest/gtest.h>

#include <chrono>
#include <thread>

namespace base {
namespace {

using std::chrono::steady_clock;

class Box {
 public:
  explicit Box(int value) : value_(value) {}
  void put(int value) EXCLUDES(mutex_) {
    {
      const MutexLock lock(mutex_);
      value_ = value;
    }
    changed_.notify_all();
  }
  int take() EXCLUDES(mutex_) {
    const MutexLock lock(mutex_);
    while (value_ == 0) changed_.wait(mutex_);
    return std::exchange(value_, 0);
  }
  bool comes(steady_clock::time_point end) EXCLUDES(mutex_) {
    const MutexLock lock(mutex_);
    while (value_ == 0)
      if (!changed_.wait_until(mutex_, end)) return false;
    return true;
  }
  bool is_free() EXCLUDES(mutex_) {
    if (!mutex_.try_lock()) return false;
    const MutexLock lock(mutex_, kAdopt);
    return true;
  }
  // Whether another thread can take it meanwhile.
  bool is_free_while_unlocked() EXCLUDES(mutex_) {
    const MutexLock lock(mutex_);
    bool free = false;
    {
      const MutexUnlock unlocked(mutex_);
      std::thread([&] { free = is_free(); }).join();
    }
    bool still_free = true;
    std::thread([&] { still_free = is_free(); }).join();
    return free && !still_free;
  }
  static void swap(Box& one, Box& other) {
    const BothLock lock(one.mutex_, other.mutex_);
    std::swap(one.value_, other.value_);
  }
  UniqueLock hold() { return UniqueLock(mutex_); }

 private:
  Mutex mutex_;
  CondVar changed_;
  int value_ GUARDED_BY(mutex_);
};

TEST(Mutex, WaitsUntilItIsTold) {
  Box box(0);
  std::thread other([&] { box.put(7); });
  EXPECT_EQ(box.take(), 7);
  other.join();
  EXPECT_FALSE(box.comes(steady_clock::now() + std::chrono::milliseconds(5)));
  box.put(1);
  EXPECT_TRUE(box.comes(steady_clock::now()));
}

TEST(Mutex, LetsGoForABlock) {
  Box box(1);
  EXPECT_TRUE(box.is_free_while_unlocked());
  EXPECT_TRUE(box.is_free());
}

TEST(Mutex, TwoInAnyOrderAndTheSameTwice) {
  Box one(1), other(2);
  std::thread there([&] {
    for (int i = 0; i < 1000; ++i) Box::swap(one, other);
  });
  for (int i = 0; i < 1000; ++i) Box::swap(other, one);
  there.join();
  Box::swap(one, one);
  EXPECT_TRUE(one.is_free());
  EXPECT_EQ(one.take() + other.take(), 3);
}

TEST(Mutex, AMovedLockStillHolds) {
  Box box(1);
  auto lock = box.hold();
  auto moved = std::move(lock);
  EXPECT_FALSE(std::move(lock));
  bool free = true;
  std::thread([&] { free = box.is_free(); }).join();
  EXPECT_FALSE(free);
  moved = {};
  EXPECT_TRUE(box.is_free());
}

TEST(Mutex, ManyReadersOrOneWriter) {
  SharedMutex mutex;
  int value = 0;
  const auto add = [&] {
    for (int i = 0; i < 1000; ++i) {
      const ExclusiveLock lock(mutex);
      ++value;
    }
  };
  std::thread one(add), other(add);
  one.join();
  other.join();
  const SharedLock lock(mutex);
  EXPECT_EQ(value, 2000);
  std::thread([&] { const SharedLock also(mutex); }).join();
}

}  // namespace
}  // namespace base
