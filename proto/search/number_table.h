// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// NumberTable: gives numbers 0, 1, 2 ... to keys, the same to equal ones, in the order in which they come. Where a key
// lies in it depends on a secret of this process: nobody can send mail whose keys all fall into one place.
#pragma once

#include <cstddef>
#include <cstdint>
#include <random>
#include <vector>

namespace imap {

class NumberTable {
 public:
  explicit NumberTable(std::size_t expected) { resize(expected * 2); }

  std::uint32_t number(std::uint64_t key) {
    if ((keys_.size() + 1) * 2 > slots_.size()) resize(slots_.size() * 2);
    auto& slot = slots_[find(key)];
    if (slot == 0) {
      keys_.push_back(key);
      slot = static_cast<std::uint32_t>(keys_.size());
    }
    return slot - 1;
  }
  std::uint32_t unique() {  // a number for something that equals nothing
    keys_.push_back(0);
    return static_cast<std::uint32_t>(keys_.size() - 1);
  }
  std::size_t size() const { return keys_.size(); }

 private:
  std::size_t find(std::uint64_t key) const {
    auto at = static_cast<std::size_t>(key * secret() >> shift_);
    while (slots_[at] != 0 && keys_[slots_[at] - 1] != key) at = (at + 1) & (slots_.size() - 1);
    return at;
  }
  static std::uint64_t secret() {
    static const std::uint64_t value =
        (static_cast<std::uint64_t>(std::random_device{}()) << 32 | std::random_device{}()) | 1;
    return value;
  }
  void resize(std::size_t slots) {
    shift_ = 64 - 6;
    while ((std::size_t{1} << (64 - shift_)) < slots) --shift_;
    slots_.assign(std::size_t{1} << (64 - shift_), 0);
    for (std::size_t i = 0; i < keys_.size(); ++i)
      if (keys_[i] != 0) slots_[find(keys_[i])] = static_cast<std::uint32_t>(i + 1);
  }

  std::vector<std::uint64_t> keys_;   // by number; 0: unique()
  std::vector<std::uint32_t> slots_;  // numbers + 1
  int shift_ = 0;
};

}  // namespace imap
