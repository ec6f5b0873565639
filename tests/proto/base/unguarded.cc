// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Must not compile: tests/proto/meson.build asserts that the compiler refuses it.
#include "proto/base/mutex.h"

struct Counter {
  base::Mutex mutex;
  int count GUARDED_BY(mutex) = 0;
#ifdef GUARDED
  void raise() {
    const base::MutexLock lock(mutex);
    ++count;
  }
#else
  void raise() { ++count; }
#endif
};

void use(Counter& counter) { counter.raise(); }
