// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// How numbers and texts lie in the index's keys and records. DO NOT CHANGE: they are on users' disks.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "proto/base/varint.h"

namespace store::keys {

template <class T>
void put_big(std::string& out, T value) {
  for (int shift = static_cast<int>(sizeof(T)) * 8 - 8; shift >= 0; shift -= 8)
    out += static_cast<char>(value >> shift & 0xFF);
}

template <class T>
T get_big(std::string_view text) {
  T value = 0;
  for (std::size_t i = 0; i < sizeof(T); ++i) value = static_cast<T>(value << 8 | static_cast<unsigned char>(text[i]));
  return value;
}

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
