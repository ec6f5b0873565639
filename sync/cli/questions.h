// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Questions to whoever has started postern, on a terminal or through a pipe.
#pragma once

#include <string>

#include "proto/base/log.h"

namespace mirror {

bool is_on_terminal();  // standard input

// An empty answer, or none at all, is `otherwise`.
std::string ask(const std::string& question, const std::string& otherwise);
// What is typed is not shown.
base::Secret ask_secretly(const std::string& question);
// No, without a terminal.
bool ask_yes(const std::string& question);

}  // namespace mirror
