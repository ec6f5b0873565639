// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// DoomedFiles: files to be unlinked, or to be kept elsewhere for a while, which are no messages any more.
#pragma once

#include <cstddef>
#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "proto/numbers.h"

namespace store {

struct DoomedFile {
  imap::Uid uid;     // 0: the index knows nothing of it
  std::string path;  // "cur/name"
  std::string note;  // it is kept for a while, with this (RemovalNote); empty: it is not
  imap::Uid of;      // whose file it is, where it is kept
};

struct DoomedFiles {
  DoomedFiles() = default;
  DoomedFiles(const DoomedFiles&) = delete;
  DoomedFiles& operator=(const DoomedFiles&) = delete;

  std::deque<DoomedFile> files;                     // taken away at the front, and put behind
  std::unordered_multiset<std::string_view> bases;  // in their paths

  // One more file of a message that is kept is kept too.
  void add(imap::Uid uid, std::string path, std::string note = {});
  void remove_first(std::size_t count);
  void clear() { bases.clear(), files.clear(), notes_.clear(); }

 private:
  std::unordered_map<std::string, std::pair<imap::Uid, std::string>> notes_;  // by base
};

}  // namespace store
