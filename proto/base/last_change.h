// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// When files were changed last: a clock may have been set back since, and what was counted by it must not count again.
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

namespace base {

// Microseconds since 1970 that are above all times at which any of these files or directories was changed, as far as
// that can be told, and not below the present time. What is not there counts for nothing.
std::int64_t micros_above_changes(const std::vector<std::filesystem::path>& paths);

}  // namespace base
