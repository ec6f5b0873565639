// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Fail points: every step that changes the disk passes one, so that a test can crash or fail at the n-th.
// Costs one relaxed atomic load when no test is running.
#pragma once

#include <atomic>
#include <cstdint>

namespace base {

// Thrown by a fail point in crash mode: unwinds as a killed process would stop; nothing may clean up the disk on its
// way. No std::exception, so that nobody takes it for a failure of some kind and goes on.
struct SimulatedCrash {};

class FailPoint {
 public:
  enum class Mode : std::uint8_t { Off, Crash, DiskFull, OverQuota, Odd };

  // Every file step calls this first. Crash: the n-th and each later step throws SimulatedCrash.
  // DiskFull, OverQuota: the n-th and each later step throws std::system_error(ENOSPC), or EDQUOT.
  // Odd: std::runtime_error, which nobody expects of a file.
  static void step() {
    if (mode_.load(std::memory_order_relaxed) != Mode::Off) hit();
  }

  static void arm(Mode mode, std::int64_t at_step);  // 1 is the next step
  static std::int64_t disarm();                      // returns how many steps were passed since arm
  static bool crashed();                             // whether a crash was already thrown since arm

 private:
  static void hit();
  static inline std::atomic<Mode> mode_{Mode::Off};
};

}  // namespace base
