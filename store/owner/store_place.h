// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// What the file system that a store lies in must be able to do.
#pragma once

#include <filesystem>

#include "proto/base/result.h"

namespace store {

// Refuses one that takes "a" and "A" for the same name: two mailboxes would share a directory, and their mail.
// `.postern` must be there.
base::Result<void> check_place(const std::filesystem::path& root);

}  // namespace store
