// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// The log's tap: who hears each line of it besides, whatever its level, for a person who watches.
#pragma once

#include <functional>
#include <string>

namespace base {

// Called on the thread that logs, with the line's end; must not log. Empty: nobody listens.
void set_log_tap(std::function<void(const std::string& line)> tap);

}  // namespace base
