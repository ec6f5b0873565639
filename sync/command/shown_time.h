// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// A time for a person: in the local zone, as strftime(3) puts it.
#pragma once

#include <cstdint>
#include <string>

namespace mirror {

std::string shown_time(std::int64_t unix_seconds, const char* format);

}  // namespace mirror
