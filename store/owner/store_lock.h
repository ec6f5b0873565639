// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// StoreLock: makes this process the owner of a store, until it is destroyed or the process ends.
#pragma once

#include <filesystem>

#include "proto/base/files.h"
#include "proto/base/result.h"

namespace store {

class StoreLock {
 public:
  // Refuses with InUse, naming the owner's process id, and a place where no store can be (check_place). Makes
  // `<root>/.postern` (0700).
  static base::Result<StoreLock> take(const std::filesystem::path& root);

  // Returns when no process owns the store any more. Another one may be faster: take() tells.
  static void wait_until_free(const std::filesystem::path& root);

  static std::filesystem::path directory(const std::filesystem::path& root) { return root / ".postern"; }

 private:
  explicit StoreLock(base::FileDescriptor file) : file_(std::move(file)) {}
  base::FileDescriptor file_;
};

}  // namespace store
