// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "sync/journal/trial_storage.h"

#include <map>
#include <optional>
#include <string>

#include "proto/base/mutex.h"

namespace mirror {

namespace {

class TrialStorage final : public JournalStorage {
 public:
  explicit TrialStorage(JournalStorage& below) : below_(below) {}

  void for_each(std::string_view prefix, const std::function<void(std::string_view, std::string_view)>& f) override {
    std::map<std::string, std::string> all;
    below_.for_each(prefix, [&](std::string_view key, std::string_view value) {
      all.emplace_hint(all.end(), std::string(key), std::string(value));
    });
    {
      const base::MutexLock lock(mutex_);
      for (auto at = written_.lower_bound(std::string(prefix)); at != written_.end() && at->first.starts_with(prefix);
           ++at) {
        if (at->second)
          all[at->first] = *at->second;
        else
          all.erase(at->first);
      }
    }
    for (const auto& [key, value] : all) f(key, value);
  }
  void write(const store::StateBatch& batch, bool) override {
    const base::MutexLock lock(mutex_);
    for (const auto& [key, value] : batch.writes) written_[key] = value;
  }
  std::string lost() const override { return below_.lost(); }

 private:
  JournalStorage& below_;
  base::Mutex mutex_;
  std::map<std::string, std::optional<std::string>> written_ GUARDED_BY(mutex_);
};

}  // namespace

std::unique_ptr<JournalStorage> make_trial_storage(JournalStorage& below) {
  return std::make_unique<TrialStorage>(below);
}

}  // namespace mirror
