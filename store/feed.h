// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Feed: who wants to hear of changes. Thread-safe; callbacks run without the feed's lock, never after their
// subscription has ended.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "proto/base/mutex.h"
#include "store/state.h"

namespace store {

template <class... Arguments>
class Feed {
 public:
  using Function = std::function<void(Arguments...)>;

  Subscription subscribe(Function f) {
    auto entry = std::make_shared<Entry>(std::move(f));
    const base::MutexLock lock(state_->mutex);
    const auto id = state_->next++;
    state_->entries.emplace(id, entry);
    return {nullptr, [state = std::weak_ptr(state_), entry, id](void*) {
              if (const auto s = state.lock()) {
                const base::MutexLock guard(s->mutex);
                s->entries.erase(id);
              }
              const base::ExclusiveLock running(entry->running);  // waits for a call under way
              entry->f = nullptr;
            }};
  }

  void publish(const Arguments&... arguments) const {
    std::vector<std::shared_ptr<Entry>> entries;
    {
      const base::MutexLock lock(state_->mutex);
      for (const auto& [id, entry] : state_->entries) entries.push_back(entry);
    }
    for (const auto& entry : entries) {
      const base::SharedLock running(entry->running);
      if (entry->f) entry->f(arguments...);
    }
  }

 private:
  struct Entry {
    explicit Entry(Function function) : f(std::move(function)) {}
    base::SharedMutex running;  // shared while f is called
    Function f GUARDED_BY(running);
  };
  struct State {
    base::Mutex mutex;
    std::uint64_t next GUARDED_BY(mutex) = 0;
    std::map<std::uint64_t, std::shared_ptr<Entry>> entries GUARDED_BY(mutex);
  };
  std::shared_ptr<State> state_ = std::make_shared<State>();
};

}  // namespace store
