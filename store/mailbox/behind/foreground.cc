// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "store/mailbox/behind/foreground.h"

#include <algorithm>

namespace store {

void Foreground::leave() {
  const base::MutexLock lock(mutex_);
  last_ = Clock::now();
  --busy_;
  changed_.notify_all();
}

void Foreground::hurry(int by) {
  const base::MutexLock lock(mutex_);
  hurried_ += by;
  changed_.notify_all();
}

void Foreground::wait_until_quiet() {
  const auto end = Clock::now() + kPatience;
  const base::MutexLock lock(mutex_);
  while (hurried_ == 0) {
    const auto quiet_at = busy_ > 0 ? end : std::min(end, last_ + kQuiet);
    if (Clock::now() >= quiet_at) return;
    changed_.wait_until(mutex_, quiet_at);
  }
}

}  // namespace store
