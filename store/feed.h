// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Feed: who wants to hear of changes. Thread-safe; callbacks run without the feed's lock, never after their
// subscription has ended.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <utility>
#include <vector>

#include "store/state.h"

namespace store {

template <class... Arguments>
class Feed {
 public:
  using Function = std::function<void(Arguments...)>;

  Subscription subscribe(Function f) {
    auto entry = std::make_shared<Entry>();
    entry->f = std::move(f);
    const std::lock_guard lock(state_->mutex);
    const auto id = state_->next++;
    state_->entries.emplace(id, entry);
    return {nullptr, [state = std::weak_ptr(state_), entry, id](void*) {
              if (const auto s = state.lock()) {
                const std::lock_guard guard(s->mutex);
                s->entries.erase(id);
              }
              const std::unique_lock running(entry->running);  // waits for a call under way
              entry->f = nullptr;
            }};
  }

  void publish(const Arguments&... arguments) const {
    std::vector<std::shared_ptr<Entry>> entries;
    {
      const std::lock_guard lock(state_->mutex);
      for (const auto& [id, entry] : state_->entries) entries.push_back(entry);
    }
    for (const auto& entry : entries) {
      const std::shared_lock running(entry->running);
      if (entry->f) entry->f(arguments...);
    }
  }

 private:
  struct Entry {
    std::shared_mutex running;
    Function f;
  };
  struct State {
    std::mutex mutex;
    std::uint64_t next = 0;
    std::map<std::uint64_t, std::shared_ptr<Entry>> entries;
  };
  std::shared_ptr<State> state_ = std::make_shared<State>();
};

}  // namespace store
