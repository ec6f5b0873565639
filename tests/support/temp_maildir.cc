// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/support/temp_maildir.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <stdexcept>

namespace tests {

namespace fs = std::filesystem;

void make_maildir(const fs::path& directory) {
  for (const char* part : {"cur", "new", "tmp"}) fs::create_directories(directory / part);
}

void write_file(const fs::path& path, std::string_view octets) {
  std::ofstream out(path, std::ios::binary);
  out.write(octets.data(), static_cast<std::streamsize>(octets.size()));
  out.close();
  if (!out) throw std::runtime_error("cannot write " + path.string());
}

std::string read_file(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) throw std::runtime_error("cannot read " + path.string());
  return {std::istreambuf_iterator<char>(in), {}};
}

std::vector<std::string> maildir_files(const fs::path& directory) {
  std::vector<std::string> out;
  for (const char* part : {"cur", "new"})
    for (const auto& entry : fs::directory_iterator(directory / part))
      out.push_back(std::string(part) + "/" + entry.path().filename().string());
  std::ranges::sort(out);
  return out;
}

}  // namespace tests
