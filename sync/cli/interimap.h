// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace mirror {

// InterIMAP's command line, without the program's name. The process's exit code.
int interimap_command(const std::vector<std::string>& words);

}  // namespace mirror
