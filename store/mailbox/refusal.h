// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Why a change is refused: what an exception means to whoever asked for it.
#pragma once

#include <cerrno>
#include <system_error>

#include "proto/base/files.h"
#include "proto/base/result.h"
#include "store/index/index.h"

namespace store {

inline base::Refusal refusal_of(const Corruption& error) { return {base::Reason::Corrupt, error.what()}; }

inline base::Refusal refusal_of(const std::system_error& error) {
  const int code = error.code().value();
  if (base::is_disk_full(code)) return {base::Reason::NoSpace, "the disk is full"};
  if (code == EACCES || code == EPERM || code == EROFS) return {base::Reason::NotPermitted, error.what()};
  return {base::Reason::Failed, error.what()};
}

// Of link(2): another file system, no links in this one, not our file, or the file has as many names as it can.
inline bool cannot_be_linked(int error) {
  return error == EXDEV || error == EPERM || error == EMLINK || error == EOPNOTSUPP || error == ENOSYS ||
         error == EACCES;
}

}  // namespace store
