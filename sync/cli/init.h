// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// What the ways of postern init share.
#pragma once

#include <filesystem>
#include <string>

#include "sync/cli/commands.h"
#include "sync/config/config.h"

namespace mirror {

// Whether the configuration may be written there; else it has said why not.
bool may_write(const std::filesystem::path& file, const CommandLine& line);
// Of this user alone. What was there is kept as FILE.before.
void write_config(const std::filesystem::path& file, const std::string& text);
// Logs in, and says what is there, on both sides, and what a first pass would do. The process's exit code.
int try_account(const Config& config);

// Another tool's configuration, as ours.
int init_from(const CommandLine& line, const std::filesystem::path& file);

}  // namespace mirror
