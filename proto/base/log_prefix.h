// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// What stands before the event in each line of the log; a process-wide setting, as those of log.h.
#pragma once

#include <functional>
#include <string>

namespace base {

// Given the line's facts "side" and "mailbox", empty where it has none. Called on any thread.
using LogPrefix = std::function<std::string(const std::string& side, const std::string& mailbox)>;
void set_log_prefix(LogPrefix prefix);  // before the first line

}  // namespace base
