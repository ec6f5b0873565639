// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Temporary directories and Maildirs for tests, removed at the end.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace tests {

class TempDirectory {
 public:
  TempDirectory();
  ~TempDirectory();
  TempDirectory(const TempDirectory&) = delete;
  TempDirectory& operator=(const TempDirectory&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

void make_maildir(const std::filesystem::path& directory);
void write_file(const std::filesystem::path& path, std::string_view octets);
std::string read_file(const std::filesystem::path& path);
// "cur/name" and "new/name" of every file, sorted.
std::vector<std::string> maildir_files(const std::filesystem::path& directory);

}  // namespace tests
