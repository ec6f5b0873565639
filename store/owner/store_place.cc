// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "store/owner/store_place.h"

#include <string>
#include <system_error>

#include "store/owner/store_lock.h"

namespace store {

base::Result<void> check_place(const std::filesystem::path& root) {
  std::error_code none;
  if (!std::filesystem::equivalent(StoreLock::directory(root), root / ".POSTERN", none)) return {};
  return base::refuse(base::Reason::Unsupported,
                      root.string() +
                          " lies on a file system that does not tell small letters from capitals: mailboxes whose "
                          "names differ in nothing else would share their mail. Put the store elsewhere");
}

}  // namespace store
