// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Staged: files of a change that is not acknowledged yet, removed when the change fails; and why a change is refused.
#pragma once

#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>
#include <vector>

#include "proto/base/files.h"
#include "proto/base/result.h"
#include "store/index/index.h"

namespace store {

// A simulated crash leaves the files, as a real one does.
class Staged {
 public:
  void add(std::filesystem::path path) { paths_.push_back(std::move(path)); }
  void remove_all() {
    for (const auto& path : paths_) ::unlink(path.c_str());
    paths_.clear();
  }

 private:
  std::vector<std::filesystem::path> paths_;
};

inline base::Refusal refusal_of(const Corruption& error) { return {base::Reason::Corrupt, error.what()}; }

inline base::Refusal refusal_of(const std::system_error& error) {
  const int code = error.code().value();
  if (base::is_disk_full(code)) return {base::Reason::NoSpace, "the disk is full"};
  if (code == EACCES || code == EPERM || code == EROFS) return {base::Reason::NotPermitted, error.what()};
  return {base::Reason::Failed, error.what()};
}

}  // namespace store
