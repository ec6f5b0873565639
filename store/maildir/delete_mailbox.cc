// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "store/maildir/delete_mailbox.h"

#include <unistd.h>

#include <string>
#include <system_error>
#include <vector>

#include "proto/base/files.h"
#include "store/maildir/layout.h"
#include "store/owner/store_lock.h"

namespace store {

namespace fs = std::filesystem;

namespace {
constexpr const char* kPrefix = "deleted-";
constexpr const char* kOrigin = "of";  // a file that holds the mailbox's directory, relative to the root
}  // namespace

fs::path set_aside(const fs::path& root, const fs::path& mailbox_directory) {
  const auto aside = StoreLock::directory(root) / (kPrefix + base::unique_name());
  base::make_directories(aside);
  base::replace_file(aside / kOrigin, mailbox_directory.lexically_relative(root).string());
  base::rename_file(mailbox_directory / "cur", aside / "cur");
  base::sync_directory(mailbox_directory);
  return aside;
}

void finish_removal(const fs::path& mailbox_directory, const fs::path& aside) {
  for (const char* part : {"new", "tmp"}) base::rename_if_exists(mailbox_directory / part, aside / part);
  std::vector<fs::path> files;
  std::error_code ignored;
  for (const auto& file : fs::directory_iterator(mailbox_directory, ignored))
    if (!file.is_directory()) files.push_back(file.path());
  for (const auto& file : files) base::rename_if_exists(file, aside / file.filename());
  fs::remove(mailbox_directory, ignored);  // stays where mailboxes lie below
  base::sync_directory(mailbox_directory.parent_path());
}

void remove_empty_above(const fs::path& root, const fs::path& directory) {
  for (auto path = directory.parent_path(); path != root && path.has_relative_path(); path = path.parent_path()) {
    if (::rmdir(path.c_str()) < 0) return;
    base::sync_directory(path.parent_path());
  }
}

void finish_removals(const fs::path& root, const std::function<void(const fs::path&, const fs::path&)>& before_end) {
  std::vector<fs::path> found;
  for (const auto& entry : fs::directory_iterator(StoreLock::directory(root)))
    if (entry.path().filename().string().starts_with(kPrefix)) found.push_back(entry.path());
  for (const auto& aside : found) {
    const auto origin = base::read_file_if_exists(aside / kOrigin);
    const bool decided = fs::exists(aside / "cur");
    std::error_code ignored;
    if (decided && origin && fs::exists(root / *origin) && !Layout::is_maildir(root / *origin)) {
      finish_removal(root / *origin, aside);
      remove_empty_above(root, root / *origin);
    }
    if (decided && origin) before_end(aside, root / *origin);
    fs::remove_all(aside, ignored);
  }
}

}  // namespace store
