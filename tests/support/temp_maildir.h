// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Maildirs for tests.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/temp_directory.h"

namespace tests {

void make_maildir(const std::filesystem::path& directory);
void write_file(const std::filesystem::path& path, std::string_view octets);
std::string read_file(const std::filesystem::path& path);
// "cur/name" and "new/name" of every file, sorted.
std::vector<std::string> maildir_files(const std::filesystem::path& directory);

}  // namespace tests
