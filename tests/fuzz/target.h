// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// What a fuzz target is: libFuzzer's one function, and how it says that something is wrong.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace fuzz {

inline std::string_view octets(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

inline void print_escaped(std::string_view text) {
  for (const char c : text) {
    if (c >= 0x20 && c < 0x7F && c != '\\')
      std::fputc(c, stderr);
    else
      std::fprintf(stderr, "\\x%02x", static_cast<unsigned char>(c));
  }
  std::fputc('\n', stderr);
}

// Ends the process where the two are not the same.
inline void require_same(std::string_view what, std::string_view one, std::string_view other) {
  if (one == other) return;
  std::fprintf(stderr, "not the same: %.*s\n", static_cast<int>(what.size()), what.data());
  print_escaped(one);
  print_escaped(other);
  std::abort();
}

inline void require(bool good, std::string_view what, std::string_view about) {
  if (good) return;
  std::fprintf(stderr, "wrong: %.*s\n", static_cast<int>(what.size()), what.data());
  print_escaped(about);
  std::abort();
}

}  // namespace fuzz
