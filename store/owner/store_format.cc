// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// DO NOT CHANGE what is written here: "postern store N" and a line end. A Postern whose stores older ones would damage,
// or could not read, writes a higher N.
#include "store/owner/store_format.h"

#include <charconv>
#include <string>

#include "proto/base/files.h"
#include "store/owner/store_lock.h"

namespace store {

namespace {

constexpr std::string_view kWords = "postern store ";
constexpr unsigned kFormat = 1;

std::filesystem::path mark_of(const std::filesystem::path& store) { return StoreLock::directory(store) / "format"; }

}  // namespace

// What is no mark, as a file that a crash has left empty, says nothing.
base::Result<void> check_format(const std::filesystem::path& store) {
  const auto text = base::read_file_if_exists(mark_of(store));
  if (!text || !text->starts_with(kWords)) return {};
  unsigned format = 0;
  std::from_chars(text->data() + kWords.size(), text->data() + text->size(), format);
  if (format <= kFormat) return {};
  return base::refuse(base::Reason::Unsupported,
                      "the store " + store.string() + " was written by a newer version of Postern (format " +
                          std::to_string(format) + "; this one knows " + std::to_string(kFormat) +
                          "); nothing was touched. Install that version again");
}

void mark_format(const std::filesystem::path& store) {
  if (std::filesystem::exists(mark_of(store))) return;
  const auto file = base::open_append(mark_of(store));  // nobody waits for the disk: an empty one says nothing
  base::write_all(file.get(), std::string(kWords) + std::to_string(kFormat) + "\n");
}

}  // namespace store
