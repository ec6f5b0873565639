// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Foreground: whether somebody waits for a change of a mailbox just now. Renames and unlinks that follow commits give
// way meanwhile: they fill the file system's journal, which each change waits for.
#pragma once

#include <atomic>
#include <chrono>

#include "proto/base/mutex.h"

namespace store {

class Foreground {
 public:
  using Clock = std::chrono::steady_clock;
  static constexpr std::chrono::milliseconds kPatience{100};  // then something is done all the same
  static constexpr std::chrono::milliseconds kQuiet{20};      // the next command of a session comes sooner, or not soon

  class Busy {
   public:
    explicit Busy(Foreground& of) : of_(of) { ++of_.busy_; }
    ~Busy() { of_.leave(); }
    Busy(const Busy&) = delete;
    Busy& operator=(const Busy&) = delete;

   private:
    Foreground& of_;
  };

  bool is_busy() const { return busy_ > 0 && hurried_ == 0; }
  void wait_until_quiet() EXCLUDES(mutex_);  // or until kPatience has passed

  // Somebody waits for the renames themselves: they give no way while this lives.
  class Hurry {
   public:
    explicit Hurry(Foreground& of) : of_(of) { of_.hurry(1); }
    ~Hurry() { of_.hurry(-1); }
    Hurry(const Hurry&) = delete;
    Hurry& operator=(const Hurry&) = delete;

   private:
    Foreground& of_;
  };

 private:
  void leave() EXCLUDES(mutex_);
  void hurry(int by) EXCLUDES(mutex_);

  std::atomic<int> busy_{0}, hurried_{0};
  base::Mutex mutex_;
  base::CondVar changed_;
  Clock::time_point last_ GUARDED_BY(mutex_);  // somebody left
};

}  // namespace store
