// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// The mark of a store's format, the file .postern/format: an older Postern must not touch what a newer one has made.
#pragma once

#include <filesystem>

#include "proto/base/result.h"

namespace store {

// Refuses (Unsupported) a store that a newer Postern has marked. Writes nothing. Throws std::system_error.
base::Result<void> check_format(const std::filesystem::path& store);
// Where there is no mark. Only for who holds the store's lock. Throws std::system_error.
void mark_format(const std::filesystem::path& store);

}  // namespace store
