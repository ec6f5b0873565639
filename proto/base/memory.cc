// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "proto/base/memory.h"

#include <malloc.h>

#include <cstddef>

namespace base {

namespace {

constexpr int kArenas = 2;
constexpr int kOwnBlock = 256 * 1024;       // octets; a larger block goes back to the system when it is freed
constexpr int kKeptAtTop = 1024 * 1024;     // octets
constexpr std::size_t kWorthIt = 4u << 20;  // octets

}  // namespace

void bound_allocator() {
  ::mallopt(M_ARENA_MAX, kArenas);
  ::mallopt(M_MMAP_THRESHOLD, kOwnBlock);
  ::mallopt(M_TRIM_THRESHOLD, kKeptAtTop);
}

void give_back_free_memory() {
  if (::mallinfo2().fordblks >= kWorthIt) ::malloc_trim(0);
}

}  // namespace base
