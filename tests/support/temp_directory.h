// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// TempDirectory: a directory of its own for one test, removed afterwards.
#pragma once

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <optional>
#include <string>
#include <system_error>

namespace tests {

class TempDirectory {
 public:
  TempDirectory() : TempDirectory(std::filesystem::temp_directory_path()) {}
  explicit TempDirectory(const std::filesystem::path& parent) {
    auto pattern = (parent / "postern-test-XXXXXX").string();
    if (!::mkdtemp(pattern.data())) throw std::system_error(errno, std::generic_category(), pattern);
    path_ = pattern;
  }
  ~TempDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TempDirectory(const TempDirectory&) = delete;
  TempDirectory& operator=(const TempDirectory&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

// A directory that can be written to and lies on another file system than `path`; nullopt: there is none.
inline std::optional<std::filesystem::path> other_file_system(const std::filesystem::path& path) {
  const std::filesystem::path elsewhere = "/dev/shm";
  struct stat here{}, there{};
  if (::stat(path.c_str(), &here) < 0 || ::stat(elsewhere.c_str(), &there) < 0 || here.st_dev == there.st_dev ||
      ::access(elsewhere.c_str(), W_OK) < 0)
    return std::nullopt;
  return elsewhere;
}

}  // namespace tests
