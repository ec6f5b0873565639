// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// In which of a session's states a command is allowed (RFC 9051 section 3).
#pragma once

#include <cstdint>

namespace imap {

enum class State : std::uint8_t { NotAuthenticated = 1, Authenticated = 2, Selected = 4, Logout = 8 };

using States = std::uint8_t;  // a set of State
inline constexpr States kAnyState = 1 | 2 | 4;
inline constexpr States kNotAuthenticated = 1;
inline constexpr States kAuthenticated = 2 | 4;  // authenticated or selected
inline constexpr States kSelected = 4;

}  // namespace imap
