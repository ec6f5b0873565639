// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// What options of the configuration have in common: words, yes and no, numbers. A refusal's text names no file or line.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "proto/base/result.h"

namespace mirror {

using Done = base::Result<void>;

inline auto wrong(std::string text) { return base::refuse(base::Reason::Configuration, std::move(text)); }

std::vector<std::string> words_of(const std::string& text);
base::Result<bool> yes_or_no(const std::string& value);
Done set_yes_or_no(bool& into, const std::string& value);
Done set_seconds(std::chrono::seconds& seconds, const std::string& name, const std::string& value);
bool is_number(const std::string& text, std::size_t digits);  // of at most so many
std::string with_home(const std::string& file);  // ~/ is ours to understand: no shell reads the configuration

}  // namespace mirror
