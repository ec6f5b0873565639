// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// A number with a meaning: numbers of different meanings do not mix.
#pragma once

#include <compare>
#include <cstddef>
#include <functional>

namespace base {

template <class Tag, class Rep>
struct StrongNumber {
  using rep = Rep;
  Rep value{};

  constexpr StrongNumber() = default;
  constexpr explicit StrongNumber(Rep v) : value(v) {}

  constexpr auto operator<=>(const StrongNumber&) const = default;
  constexpr explicit operator bool() const { return value != 0; }
  constexpr StrongNumber next() const { return StrongNumber(static_cast<Rep>(value + 1)); }
};

}  // namespace base

template <class Tag, class Rep>
struct std::hash<base::StrongNumber<Tag, Rep>> {
  std::size_t operator()(base::StrongNumber<Tag, Rep> n) const noexcept { return std::hash<Rep>{}(n.value); }
};
