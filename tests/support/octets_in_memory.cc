// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Octets in memory, for test programs in which the store's own definition is not linked.
#include <algorithm>

#include "store/content.h"

namespace store {

__attribute__((weak)) Octets Octets::slice(std::uint64_t offset, std::uint64_t length) const {
  Octets out = *this;
  const auto skipped = std::min(offset, size_);
  out.offset_ += skipped;
  out.size_ = std::min(length, size_ - skipped);
  return out;
}

__attribute__((weak)) void Octets::append_to(std::string& out, std::uint64_t offset, std::uint64_t length) const {
  if (offset < size_) out.append(bytes_, offset_ + offset, std::min(length, size_ - offset));
}

}  // namespace store
