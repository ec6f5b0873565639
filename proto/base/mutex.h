// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Mutexes whose use clang checks (-Wthread-safety is an error), and the words that tell it what they guard.
//
//   base::Mutex mutex_;
//   int count_ GUARDED_BY(mutex_) = 0;      // read and written only while mutex_ is held
//   void raise() REQUIRES(mutex_);          // to be called while it is held
//   int count() EXCLUDES(mutex_);           // takes it itself
//
// No other file uses the standard library's mutexes, locks and condition variables (tools/check_style.py): the compiler
// knows nothing of what those guard. docs/threads.md tells which thread takes which lock, in which order.
// The checker looks at one function at a time, and a lambda is a function of its own: it gets its own REQUIRES, behind
// its parameters.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <shared_mutex>
#include <utility>

#if defined(__clang__)
#define POSTERN_ATTRIBUTE(x) __attribute__((x))
#else
#define POSTERN_ATTRIBUTE(x)
#endif

#define CAPABILITY(x) POSTERN_ATTRIBUTE(capability(x))
#define SCOPED_CAPABILITY POSTERN_ATTRIBUTE(scoped_lockable)
#define GUARDED_BY(x) POSTERN_ATTRIBUTE(guarded_by(x))
#define PT_GUARDED_BY(x) POSTERN_ATTRIBUTE(pt_guarded_by(x))  // what a pointer points to
#define ACQUIRED_BEFORE(...) POSTERN_ATTRIBUTE(acquired_before(__VA_ARGS__))
#define ACQUIRED_AFTER(...) POSTERN_ATTRIBUTE(acquired_after(__VA_ARGS__))
#define REQUIRES(...) POSTERN_ATTRIBUTE(requires_capability(__VA_ARGS__))
#define REQUIRES_SHARED(...) POSTERN_ATTRIBUTE(requires_shared_capability(__VA_ARGS__))
#define EXCLUDES(...) POSTERN_ATTRIBUTE(locks_excluded(__VA_ARGS__))
#define ACQUIRE(...) POSTERN_ATTRIBUTE(acquire_capability(__VA_ARGS__))
#define ACQUIRE_SHARED(...) POSTERN_ATTRIBUTE(acquire_shared_capability(__VA_ARGS__))
#define RELEASE(...) POSTERN_ATTRIBUTE(release_capability(__VA_ARGS__))
#define RELEASE_SHARED(...) POSTERN_ATTRIBUTE(release_shared_capability(__VA_ARGS__))
#define RELEASE_GENERIC(...) POSTERN_ATTRIBUTE(release_generic_capability(__VA_ARGS__))
#define TRY_ACQUIRE(...) POSTERN_ATTRIBUTE(try_acquire_capability(__VA_ARGS__))
#define ASSERT_CAPABILITY(x) POSTERN_ATTRIBUTE(assert_capability(x))
#define RETURN_CAPABILITY(x) POSTERN_ATTRIBUTE(lock_returned(x))
// The reason stands in the code, for the reader: NO_THREAD_SAFETY_ANALYSIS("…").
#define NO_THREAD_SAFETY_ANALYSIS(reason) POSTERN_ATTRIBUTE(no_thread_safety_analysis)

namespace base {

class CAPABILITY("mutex") Mutex {
 public:
  Mutex() = default;
  Mutex(const Mutex&) = delete;
  Mutex& operator=(const Mutex&) = delete;

  void lock() ACQUIRE() { mutex_.lock(); }
  void unlock() RELEASE() { mutex_.unlock(); }
  bool try_lock() TRY_ACQUIRE(true) { return mutex_.try_lock(); }
  // Tells the checker, where it cannot see it, that the caller holds this: through a UniqueLock, for example.
  void assert_held() const ASSERT_CAPABILITY(this) {}

 private:
  friend class CondVar;
  std::mutex mutex_;
};

class CAPABILITY("shared mutex") SharedMutex {
 public:
  SharedMutex() = default;
  SharedMutex(const SharedMutex&) = delete;
  SharedMutex& operator=(const SharedMutex&) = delete;

  void lock() ACQUIRE() { mutex_.lock(); }
  void unlock() RELEASE() { mutex_.unlock(); }
  void lock_shared() ACQUIRE_SHARED() { mutex_.lock_shared(); }
  void unlock_shared() RELEASE_SHARED() { mutex_.unlock_shared(); }

 private:
  std::shared_mutex mutex_;
};

struct Adopt {};
inline constexpr Adopt kAdopt;

// Holds a mutex until the end of its block.
template <class M>
class SCOPED_CAPABILITY BasicLock {
 public:
  explicit BasicLock(M& mutex) ACQUIRE(mutex) : mutex_(mutex) { mutex_.lock(); }
  BasicLock(M& mutex, Adopt) REQUIRES(mutex) : mutex_(mutex) {}  // after a try_lock()
  ~BasicLock() RELEASE() { mutex_.unlock(); }
  BasicLock(const BasicLock&) = delete;
  BasicLock& operator=(const BasicLock&) = delete;

 private:
  M& mutex_;
};
using MutexLock = BasicLock<Mutex>;
using ExclusiveLock = BasicLock<SharedMutex>;

class SCOPED_CAPABILITY SharedLock {
 public:
  explicit SharedLock(SharedMutex& mutex) ACQUIRE_SHARED(mutex) : mutex_(mutex) { mutex_.lock_shared(); }
  ~SharedLock() RELEASE() { mutex_.unlock_shared(); }
  SharedLock(const SharedLock&) = delete;
  SharedLock& operator=(const SharedLock&) = delete;

 private:
  SharedMutex& mutex_;
};

// The other way round: lets go of a mutex until the end of its block.
class SCOPED_CAPABILITY MutexUnlock {
 public:
  explicit MutexUnlock(Mutex& mutex) RELEASE(mutex) : mutex_(mutex) { mutex_.unlock(); }
  ~MutexUnlock() RELEASE() { mutex_.lock(); }  // to the checker: ends what the constructor did
  MutexUnlock(const MutexUnlock&) = delete;
  MutexUnlock& operator=(const MutexUnlock&) = delete;

 private:
  Mutex& mutex_;
};

// Two mutexes of one rank, in whichever order does not deadlock; they may be the same one.
class SCOPED_CAPABILITY BothLock {
 public:
  BothLock(Mutex& one, Mutex& other) ACQUIRE(one, other) : one_(one), other_(other) {
    if (&one == &other)
      one.lock();
    else
      std::lock(one, other);
  }
  ~BothLock() RELEASE() {
    one_.unlock();
    if (&one_ != &other_) other_.unlock();
  }
  BothLock(const BothLock&) = delete;
  BothLock& operator=(const BothLock&) = delete;

 private:
  Mutex& one_;
  Mutex& other_;
};

// A lock that moves: kept in a member or a list for longer than a block. The checker does not follow it; what is called
// under it says so with assert_held().
class UniqueLock {
 public:
  UniqueLock() = default;
  explicit UniqueLock(Mutex& mutex) : lock_(mutex) {}
  explicit operator bool() const { return lock_.owns_lock(); }

 private:
  std::unique_lock<Mutex> lock_;
};

// Waits in a loop, for a wake-up may come for nothing: `while (!ready_) changed_.wait(mutex_);`
class CondVar {
 public:
  void wait(Mutex& mutex) REQUIRES(mutex) {
    std::unique_lock lock(mutex.mutex_, std::adopt_lock);
    condition_.wait(lock);
    lock.release();
  }
  // False when the time is over.
  bool wait_until(Mutex& mutex, std::chrono::steady_clock::time_point end) REQUIRES(mutex) {
    std::unique_lock lock(mutex.mutex_, std::adopt_lock);
    const bool woken = condition_.wait_until(lock, end) == std::cv_status::no_timeout;
    lock.release();
    return woken;
  }
  void notify_one() { condition_.notify_one(); }
  void notify_all() { condition_.notify_all(); }

 private:
  std::condition_variable condition_;
};

}  // namespace base
