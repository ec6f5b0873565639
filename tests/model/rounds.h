// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Histories of seeds one after the other: POSTERN_MODEL_ROUNDS says how many of each kind, POSTERN_MODEL_SEED which is
// the first.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <exception>
#include <string>

namespace tests {

inline std::uint64_t from_environment(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

// What a history that failed has told, for the message.
template <class History>
std::string story(std::uint64_t seed, const History& history, const std::exception& error) {
  std::string out = "seed " + std::to_string(seed) + ":\n";
  for (const auto& line : history.told()) out += line + "\n";
  return out + error.what();
}

}  // namespace tests
