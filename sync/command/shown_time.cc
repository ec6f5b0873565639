// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "sync/command/shown_time.h"

#include <ctime>

namespace mirror {

std::string shown_time(std::int64_t unix_seconds, const char* format) {
  const std::time_t time = unix_seconds;
  std::tm parts{};
  ::localtime_r(&time, &parts);
  char text[64];
  return {text, std::strftime(text, sizeof text, format, &parts)};
}

}  // namespace mirror
