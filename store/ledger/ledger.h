// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Ledger: the folder `.postern/ledger`: files of lines, numbered, each of which is closed when it is large enough; so
// the oldest can go. The index knows nothing of it.
//
// What is told here has happened: it is told after the commit, and not synced. A process that is killed in between
// leaves that one change out, a power cut some of the last. Thread-safe; nobody's change ever fails because of the
// ledger: where it cannot be written that is logged, once.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <utility>
#include <vector>

#include "proto/base/files.h"
#include "proto/base/log.h"
#include "proto/base/mutex.h"
#include "store/ledger.h"

namespace store {

class Ledger {
 public:
  Ledger(std::filesystem::path folder, base::Log log) : folder_(std::move(folder)), log_(std::move(log)) {}

  bool keeps() const { return keeps_; }  // waits for nobody
  void set_limits(KeepLedger limits) EXCLUDES(mutex_);
  void note(std::span<const LedgerEntry> entries) EXCLUDES(mutex_);
  // Oldest first; what is damaged is passed over. f returns whether it wants more. Throws std::system_error.
  void for_each(const std::function<bool(const LedgerEntry& entry)>& f) const;
  void sweep() EXCLUDES(mutex_);  // what is too old or too much

 private:
  using NumberedFile = std::pair<std::uint64_t, std::filesystem::path>;
  std::vector<NumberedFile> files() const;  // ascending
  void open_for_more(std::size_t octets) REQUIRES(mutex_);
  void write(std::string_view lines) REQUIRES(mutex_);

  const std::filesystem::path folder_;
  const base::Log log_;
  std::atomic<bool> keeps_{true};
  mutable base::Mutex mutex_;  // one writer
  KeepLedger limits_ GUARDED_BY(mutex_);
  base::FileDescriptor file_ GUARDED_BY(mutex_);
  std::uint64_t number_ GUARDED_BY(mutex_) = 0, size_ GUARDED_BY(mutex_) = 0;
  std::int64_t swept_ GUARDED_BY(mutex_) = 0;
  bool grown_ GUARDED_BY(mutex_) = true, said_ GUARDED_BY(mutex_) = false;
  bool torn_ GUARDED_BY(mutex_) = false;  // the last line may not be whole
};

}  // namespace store
