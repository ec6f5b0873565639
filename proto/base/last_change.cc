// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "proto/base/last_change.h"

#include <sys/stat.h>

#include <algorithm>

#include "proto/base/clock.h"

namespace base {

namespace {

constexpr std::int64_t kLongestTime = 10'000'000'000;  // seconds: the year 2286; a later time is nonsense
constexpr std::int64_t kMargin = 1'000'000;            // what the kernel's times are coarser, and more

}  // namespace

std::int64_t micros_above_changes(const std::vector<std::filesystem::path>& paths) {
  auto out = unix_micros();
  for (const auto& path : paths) {
    struct stat now{};
    if (::stat(path.c_str(), &now) != 0) continue;
    for (const auto& time : {now.st_mtim, now.st_ctim})
      if (time.tv_sec < kLongestTime)
        out = std::max(out, std::int64_t{time.tv_sec} * 1'000'000 + time.tv_nsec / 1000 + kMargin);
  }
  return out;
}

}  // namespace base
