// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Foreign files: files that other programs brought into a mailbox, what they say of themselves, and whether they are
// complete.
//
// A program that writes into cur/ or new/ itself (cp, mv from another file system, `cat >`) shows a file that grows.
// It is complete:
// 1. Where the kernel knows who has a file open: as soon as nobody has it open for writing. A read lease tells, whether
//    or not we watched, however long the writer pauses. A writer that changes nothing for an hour does not count.
// 2. Where the kernel cannot tell (NFS, SMB, another user's file): when the watch has told that its writer has closed
//    it or that it was moved here, else when it has not changed for half a minute.
// 3. An empty file is none until it has not changed for half a minute: no mail is empty, some deliverers begin so.
// What its name says of its size (S=, W=) proves nothing.
#pragma once

#include <sys/stat.h>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "proto/base/files.h"
#include "store/maildir/maildir.h"

namespace store {

struct FoundFile {
  std::string name;
  bool in_new = false;
  bool was_closed = false;  // the watch told that its writer has closed it, or that it was moved here
  std::string path() const { return (in_new ? "new/" : "cur/") + name; }
};

struct Measured {  // a file when it was looked at
  std::uint64_t size = 0;
  std::int64_t changed = 0;  // ns
  bool operator==(const Measured&) const = default;
};

Measured measured(const struct stat& status);

enum class Writers : std::uint8_t { None, Some, Unknown };  // who has a file open for writing
Writers writers_of(int fd);

// quiet: for how many seconds the file has not changed.
bool is_complete(std::uint64_t size, Writers writers, bool was_closed, std::int64_t quiet);

// Looks at a file by its name in a directory.
bool is_complete_at(int directory, const std::string& name, const Measured& measured, bool was_closed,
                    std::int64_t quiet);
std::int64_t seconds_since(std::int64_t changed);  // 0: a time to come

// Tells most sizes apart; never 0.
std::uint32_t size_mark(std::uint64_t size);

struct Arrival {
  const FoundFile* file = nullptr;
  MaildirName name;  // views into the file's
  std::int64_t internal_date = 0;
  std::uint64_t wire_size = 0;  // 0: the name does not tell it, or tells another size than the file has
  Measured measured;
  bool growing = false;
  bool closed = false;  // it is not for us to read
};

// What the files and their names say, in the order in which they get UIDs: by the names' times. One of those that have
// the same base name counts; those that are gone again, or are no files, do not. Many are read by several threads.
// believe_our_names: a file whose name has the form of ours and its size is complete.
std::vector<Arrival> read_arrivals(const std::filesystem::path& mailbox_directory, const std::vector<FoundFile>& files,
                                   bool believe_our_names);

}  // namespace store
