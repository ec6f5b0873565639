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
// Of this user alone. What was there is kept as FILE.before (or -2 … where that is there).
void write_config(const std::filesystem::path& file, const std::string& text);
// Logs in, and says what is there, on both sides, and what a first pass would do. The process's exit code.
int try_account(const Config& config);

// For mail that lies at `path`, which is written as it is given. The process's exit code.
int init_one(const CommandLine& line, const std::filesystem::path& file, std::string path);
// The Maildir of a Dovecot, as it lies.
int init_from_dovecot(const CommandLine& line, const std::filesystem::path& file);

// Asks for the server of each store, and writes an account for each that has one.
int init_accounts(const std::filesystem::path& file, const std::vector<std::filesystem::path>& stores);
// Each account of the text; the first that is wrong.
base::Result<std::vector<Config>> accounts_of(const std::string& text, const std::filesystem::path& file);

// Where this tool ("mbsync", "OfflineIMAP") has its configuration; empty: there is none.
std::filesystem::path tool_config_file(const std::string& tool);
// Another tool's configuration, as ours.
int init_from(const CommandLine& line, const std::filesystem::path& file);

}  // namespace mirror
