// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// How numbers and texts lie in the index's keys and records. DO NOT CHANGE: they are on users' disks.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "proto/base/big_endian.h"
#include "proto/base/varint.h"

namespace store::keys {

using base::get_big_endian;
using base::put_big_endian;

inline std::uint64_t zigzag(std::int64_t value) {
  return static_cast<std::uint64_t>(value) << 1 ^ static_cast<std::uint64_t>(value >> 63);
}
inline std::int64_t unzigzag(std::uint64_t value) {
  return static_cast<std::int64_t>(value >> 1) ^ -static_cast<std::int64_t>(value & 1);
}

// A cursor over a record; `good` turns false at its first fault.
struct RecordReader {
  std::string_view rest;
  bool good = true;

  std::uint64_t varint() { return base::take_varint(rest, good); }
  std::string_view octets(std::uint64_t size) { return base::take_octets(rest, size, good); }
  std::string_view text() { return octets(varint()); }
};

}  // namespace store::keys
