// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Arrival: a file that others brought into a mailbox, and what it says of itself.
#pragma once

#include <sys/stat.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "proto/base/files.h"
#include "store/maildir/maildir.h"

namespace store {

struct FoundFile {
  std::string name;
  bool in_new = false;
  bool whole = false;  // nobody can still be writing to it
  std::string path() const { return (in_new ? "new/" : "cur/") + name; }
};

struct Measured {  // a file when it was looked at
  std::uint64_t size = 0;
  std::int64_t changed = 0;  // ns
  bool may_grow = false;
};

std::int64_t changed_at(const struct stat& status);  // ns
bool is_young(std::int64_t changed);                 // a program that writes into cur/ or new/ itself may not be done

struct Arrival {
  const FoundFile* file = nullptr;
  MaildirName name;  // views into the file's
  std::int64_t internal_date = 0;
  std::uint64_t wire_size = 0;  // 0: the name does not tell it
  Measured measured;            // where the name does not tell the size
  bool closed = false;          // it is not for us to read
};

// What the files and their names say, in the order in which they get UIDs: by the names' times. One of those that have
// the same base name counts; those that are gone again, or are no files, do not. Many are read by several threads.
std::vector<Arrival> read_arrivals(const std::filesystem::path& mailbox_directory, const std::vector<FoundFile>& files);

}  // namespace store
