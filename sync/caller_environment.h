// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// What a command that asks for a password must know of where its user sits: his terminal, his display, his agents. The
// owner of a store may have been started somewhere else.
#pragma once

#include <string>
#include <vector>

namespace mirror {

std::vector<std::string> environment_of_caller();  // of this process: NAME=VALUE
bool is_of_caller(const std::string& variable);    // nothing else is taken from a caller

}  // namespace mirror
