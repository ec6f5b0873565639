// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "store/mailbox/change_mutex.h"

#include <utility>

namespace store {

void ChangeMutex::lock() {
  const base::MutexLock lock(mutex_);
  ++waiting_;
  while (held_) free_.wait(mutex_);
  --waiting_;
  held_ = true;
}

bool ChangeMutex::try_lock() {
  const base::MutexLock lock(mutex_);
  if (held_) return false;
  return held_ = true;
}

bool ChangeMutex::try_lock_for(std::chrono::milliseconds at_most) {
  const auto end = std::chrono::steady_clock::now() + at_most;
  const base::MutexLock lock(mutex_);
  ++waiting_;
  while (held_ && free_.wait_until(mutex_, end));
  --waiting_;
  const bool mine = !held_;
  held_ = true;  // by this thread, or by whoever has it
  return mine;
}

void ChangeMutex::lock_behind() {
  const auto end = std::chrono::steady_clock::now() + kPatience;
  {
    const base::MutexLock lock(mutex_);
    while ((held_ || waiting_ > 0) && free_behind_.wait_until(mutex_, end));
    if (!held_ && waiting_ == 0) {
      held_ = true;
      return;
    }
  }
  lock();
}

void ChangeMutex::unlock() {
  const base::MutexLock lock(mutex_);
  held_ = false;
  if (waiting_ > 0)
    free_.notify_one();
  else
    free_behind_.notify_one();
}

bool ChangeMutex::is_wanted() {
  const base::MutexLock lock(mutex_);
  return waiting_ > 0;
}

// Waits for one while it holds none: nobody can wait for this thread in turn.
BothChangesLock::BothChangesLock(ChangeMutex& one, ChangeMutex& other)
    NO_THREAD_SAFETY_ANALYSIS("which is locked first differs")
    : one_(one), other_(other) {
  auto *first = &one, *second = &other;
  for (;; std::swap(first, second)) {
    first->lock();
    if (first == second || second->try_lock()) return;
    first->unlock();
  }
}

BothChangesLock::~BothChangesLock() NO_THREAD_SAFETY_ANALYSIS("they may be the same one") {
  one_.unlock();
  if (&one_ != &other_) other_.unlock();
}

}  // namespace store
