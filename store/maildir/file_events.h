// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// FileEvents: what a mailbox's watches have told and nobody has looked at yet. Thread-safe; waits for no mailbox.
#pragma once

#include <atomic>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "proto/base/mutex.h"
#include "store/maildir/watch.h"

namespace store {

struct FileEvent {
  std::string path;  // "cur/name" or "new/name"
  Watch::What what = Watch::What::Anything;
  bool is(std::string_view part, std::string_view name) const {
    return path.size() == part.size() + name.size() && path.starts_with(part) && path.ends_with(name);
  }
};

class FileEvents {
 public:
  void add(std::string_view part, std::string_view name, Watch::What what) EXCLUDES(mutex_) {
    const base::MutexLock lock(mutex_);
    if (what == Watch::What::Changed) {  // one event for each piece that is written
      if (!events_.empty() && events_.back().what == what && events_.back().is(part, name)) return;
    } else {
      any_ = true;
    }
    // So many at once are sooner found by reading the directory.
    if (what == Watch::What::Anything || events_.size() >= kMost) {
      anything_ = true;
      events_.clear();
    } else if (!anything_) {
      events_.push_back({std::string(part) + std::string(name), what});
    }
  }

  bool any() const { return any_; }

  // All until now; sets `anything` when the directory has to be read.
  std::vector<FileEvent> take(bool& anything) EXCLUDES(mutex_) {
    const base::MutexLock lock(mutex_);
    any_ = false;
    if (std::exchange(anything_, false)) anything = true;
    return std::exchange(events_, {});
  }

 private:
  static constexpr std::size_t kMost = 100'000;
  base::Mutex mutex_;
  std::vector<FileEvent> events_ GUARDED_BY(mutex_);
  bool anything_ GUARDED_BY(mutex_) = false;
  std::atomic<bool> any_{false};
};

}  // namespace store
