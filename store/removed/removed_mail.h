// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// RemovedMail: the folder in which removed messages are kept, `.postern/removed`: a directory a day (of UTC), with the
// messages' files as they were and a list. The index knows nothing of it. Thread-safe; throws std::system_error.
#pragma once

#include <atomic>
#include <filesystem>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "proto/base/log.h"
#include "proto/base/mutex.h"
#include "proto/literal.h"
#include "proto/numbers.h"
#include "store/removed.h"
#include "store/removed/removal_note.h"

namespace store {

class RemovedMail {
 public:
  RemovedMail(std::filesystem::path folder, base::Log log, bool sync_to_disk)
      : folder_(std::move(folder)), log_(std::move(log)), sync_(sync_to_disk) {}

  bool keeps() const { return keeps_; }  // waits for nobody
  void set_limits(KeepRemoved limits) EXCLUDES(mutex_);

  // First all lines are noted, durably, then each file is taken: a file without its line would say nothing.
  void note(std::span<const RemovalLine> lines) EXCLUDES(mutex_);
  // Moves the file there. False: there is no such file.
  bool take(const std::filesystem::path& file, const RemovalLine& line);
  // A message that is in no mailbox here.
  void add(const imap::Literal& text, RemovalLine line) EXCLUDES(mutex_);
  // All of a mailbox's directory that was set aside.
  void take_mailbox(const std::filesystem::path& directory, const std::string& name, const std::string& by);

  std::vector<RemovedMessage> list() EXCLUDES(mutex_);  // oldest first
  // In wire form; throws std::runtime_error where it cannot be read.
  imap::Literal text(const RemovedMessage& message) const;
  void forget(const std::string& id);
  void sweep() EXCLUDES(mutex_);  // what is too old or too much

  static std::string file_of(std::string_view mailbox_id, imap::Uid uid);

 private:
  struct Day {
    std::filesystem::path directory;
    std::vector<RemovalLine> lines;  // of files that are there
  };
  std::vector<std::filesystem::path> day_directories() const;  // oldest first
  std::vector<Day> days() const;
  std::filesystem::path directory_of(const RemovalLine& line) const;
  void append(const std::filesystem::path& directory, const std::string& lines);

  const std::filesystem::path folder_;
  const base::Log log_;
  const bool sync_;
  mutable base::Mutex mutex_;  // the limits, and one writer of the lists
  KeepRemoved limits_ GUARDED_BY(mutex_);
  std::atomic<bool> keeps_{true};
  bool grown_ GUARDED_BY(mutex_) = true;
  std::int64_t swept_ GUARDED_BY(mutex_) = 0;
};

}  // namespace store
