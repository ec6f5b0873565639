// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "proto/base/fail_point.h"

#include <cerrno>
#include <stdexcept>
#include <system_error>

namespace base {

namespace {
std::atomic<std::int64_t> passed{0};
std::atomic<std::int64_t> fail_at{0};
std::atomic<bool> has_crashed{false};
}  // namespace

void FailPoint::arm(Mode mode, std::int64_t at_step) {
  passed = 0;
  fail_at = at_step;
  has_crashed = false;
  mode_ = mode;
}

std::int64_t FailPoint::disarm() {
  mode_ = Mode::Off;
  return passed.load();
}

bool FailPoint::crashed() { return has_crashed.load(); }

void FailPoint::hit() {
  if (passed.fetch_add(1) + 1 < fail_at.load()) return;
  const auto mode = mode_.load();
  if (mode == Mode::DiskFull) throw std::system_error(ENOSPC, std::generic_category(), "fail point");
  if (mode == Mode::OverQuota) throw std::system_error(EDQUOT, std::generic_category(), "fail point");
  if (mode == Mode::Odd) throw std::runtime_error("fail point");
  has_crashed = true;
  throw SimulatedCrash();
}

}  // namespace base
