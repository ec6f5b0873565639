// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// BaseTable: which UIDs a file's base name may belong to. It holds hashes, eight octets an entry; whoever asks compares
// the names.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "proto/numbers.h"

namespace store {

class BaseTable {
 public:
  std::size_t size() const { return size_; }
  void clear() { *this = BaseTable(); }

  void add(std::string_view base, imap::Uid uid) {
    if (8 * (size_ + 1) > 7 * entries_.size()) grow();
    put({hash(base), uid.value});
    ++size_;
  }

  // The first UID under this name's hash that is_it(uid) takes.
  template <class F>
  std::optional<imap::Uid> find(std::string_view base, F is_it) const {
    if (entries_.empty()) return std::nullopt;
    const auto wanted = hash(base);
    for (auto i = wanted & mask(); entries_[i].uid != 0; i = (i + 1) & mask())
      if (entries_[i].hash == wanted && is_it(imap::Uid(entries_[i].uid))) return imap::Uid(entries_[i].uid);
    return std::nullopt;
  }

 private:
  struct Entry {
    std::uint32_t hash = 0, uid = 0;  // no UID: free
  };
  static std::uint32_t hash(std::string_view base) {
    return static_cast<std::uint32_t>(std::hash<std::string_view>()(base));
  }
  std::size_t mask() const { return entries_.size() - 1; }
  void put(Entry entry) {
    auto i = entry.hash & mask();
    while (entries_[i].uid != 0) i = (i + 1) & mask();
    entries_[i] = entry;
  }
  void grow() {
    const auto old = std::exchange(entries_, std::vector<Entry>(entries_.empty() ? 16 : 2 * entries_.size()));
    for (const auto& entry : old)
      if (entry.uid != 0) put(entry);
  }
  std::vector<Entry> entries_;  // a power of two of them
  std::size_t size_ = 0;
};

}  // namespace store
