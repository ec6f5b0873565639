// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// What interrupts a pass (Fuse), and a disk for the journal that a power cut takes back to its last durable write.
#pragma once

#include <cstdint>
#include <map>
#include <random>
#include <string>
#include <type_traits>
#include <vector>

#include "proto/base/mutex.h"
#include "sync/journal/journal.h"

namespace tests {

// Burns at the n-th step of a pass; from then on nothing works, as after kill -9 or when the line is cut.
class Fuse {
 public:
  // Before the step, or after it was carried out and before its caller was told.
  enum class End : std::uint8_t { Before, After };
  void set(int step, End end);
  void remove();
  bool burnt() const;
  int steps() const;  // since set or removed

  template <class Step>
  std::invoke_result_t<Step&> guard(Step step) {
    before();
    if constexpr (std::is_void_v<std::invoke_result_t<Step&>>) {
      step();
      after();
    } else {
      auto out = step();
      after();
      return out;
    }
  }

 private:
  void before();
  void after();

  mutable base::Mutex mutex_;
  int left_ GUARDED_BY(mutex_) = 0, steps_ GUARDED_BY(mutex_) = 0;
  End end_ GUARDED_BY(mutex_) = End::Before;
  bool set_ GUARDED_BY(mutex_) = false, burnt_ GUARDED_BY(mutex_) = false;
};

class Disk {
 public:
  void write(const store::StateBatch& batch, bool durable);
  void wait();  // long enough that everything is durable
  // Some of the writes since the last durable one are lost: the last ones.
  void cut_power(std::mt19937_64& random);
  std::map<std::string, std::string> contents() const;

 private:
  void settle() REQUIRES(mutex_);

  mutable base::Mutex mutex_;
  std::map<std::string, std::string> durable_ GUARDED_BY(mutex_);
  std::vector<store::StateBatch> since_ GUARDED_BY(mutex_);
};

// Writes of the journal are steps of the fuse.
std::unique_ptr<mirror::JournalStorage> make_disk_storage(Disk& disk, Fuse& fuse);
// The same in front of another storage.
std::unique_ptr<mirror::JournalStorage> make_fused_storage(std::unique_ptr<mirror::JournalStorage> storage, Fuse& fuse);

}  // namespace tests
