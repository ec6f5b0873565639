// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// DoomedFiles: files to be unlinked, which are no messages any more.
#pragma once

#include <cstddef>
#include <deque>
#include <string>
#include <unordered_set>
#include <utility>

#include "proto/numbers.h"

namespace store {

struct DoomedFiles {
  std::deque<std::pair<imap::Uid, std::string>> files;  // "cur/name"; UID 0: the index knows nothing of it
  std::unordered_multiset<std::string> bases;

  void add(imap::Uid uid, std::string path);
  void remove_first(std::size_t count);
  void clear() { files.clear(), bases.clear(); }
};

}  // namespace store
