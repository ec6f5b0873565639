// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// ChangeMutex: one change of a mailbox at a time. What can wait (renames and unlinks) takes it behind all who wait: a
// thread that takes a usual mutex again at once starves them.
#pragma once

#include <chrono>
#include <memory>

#include "proto/base/mutex.h"

namespace store {

class CAPABILITY("mutex") ChangeMutex {
 public:
  static constexpr std::chrono::milliseconds kPatience{100};  // of lock_behind()

  ChangeMutex() = default;
  ChangeMutex(const ChangeMutex&) = delete;
  ChangeMutex& operator=(const ChangeMutex&) = delete;

  void lock() ACQUIRE();
  bool try_lock() TRY_ACQUIRE(true);
  bool try_lock_for(std::chrono::milliseconds at_most) TRY_ACQUIRE(true);
  void lock_behind() ACQUIRE();  // when nobody waits for it; after kPatience as lock() does
  void unlock() RELEASE();
  bool is_wanted() EXCLUDES(mutex_);  // somebody waits for it, and not behind
  // Tells the checker, where it cannot see it, that the caller holds this.
  void assert_held() const ASSERT_CAPABILITY(this) {}

 private:
  base::Mutex mutex_;  // for moments
  base::CondVar free_, free_behind_;
  bool held_ GUARDED_BY(mutex_) = false;
  int waiting_ GUARDED_BY(mutex_) = 0;  // not those behind
};

using ChangeLock = base::BasicLock<ChangeMutex>;

// A lock that moves. The checker does not follow it: what is called under it says so with assert_held().
class MovableChangeLock {
 public:
  explicit MovableChangeLock(ChangeMutex& mutex) NO_THREAD_SAFETY_ANALYSIS("held for longer than a block")
      : mutex_(&mutex) {
    mutex.lock();
  }

 private:
  struct Unlock {
    void operator()(ChangeMutex* mutex) const NO_THREAD_SAFETY_ANALYSIS("see above") { mutex->unlock(); }
  };
  std::unique_ptr<ChangeMutex, Unlock> mutex_;
};

// Those of two mailboxes, in whichever order does not deadlock; they may be the same one.
class SCOPED_CAPABILITY BothChangesLock {
 public:
  BothChangesLock(ChangeMutex& one, ChangeMutex& other) ACQUIRE(one, other);
  ~BothChangesLock() RELEASE();
  BothChangesLock(const BothChangesLock&) = delete;
  BothChangesLock& operator=(const BothChangesLock&) = delete;

 private:
  ChangeMutex& one_;
  ChangeMutex& other_;
};

}  // namespace store
