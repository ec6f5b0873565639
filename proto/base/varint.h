// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Numbers in the index's records: seven bits an octet, the lowest first, the high bit set on all but the last. DO NOT
// CHANGE: they are on users' disks.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace base {

inline void put_varint(std::string& out, std::uint64_t value) {
  while (value >= 0x80) {
    out += static_cast<char>(value | 0x80);
    value >>= 7;
  }
  out += static_cast<char>(value);
}

// Takes a number off the front; 0 and good == false where there is none.
inline std::uint64_t take_varint(std::string_view& rest, bool& good) {
  std::uint64_t value = 0;
  for (int shift = 0; shift < 64 && !rest.empty(); shift += 7) {
    const auto byte = static_cast<unsigned char>(rest.front());
    rest.remove_prefix(1);
    value |= static_cast<std::uint64_t>(byte & 0x7F) << shift;
    if (byte < 0x80) return value;
  }
  good = false;
  return 0;
}

// Takes that many octets off the front; none and good == false where there are fewer.
inline std::string_view take_octets(std::string_view& rest, std::uint64_t size, bool& good) {
  if (size > rest.size()) {
    good = false;
    return {};
  }
  const auto out = rest.substr(0, size);
  rest.remove_prefix(size);
  return out;
}

}  // namespace base
