// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// A command that the owner of a store does: it is started where there is none.
#pragma once

#include <filesystem>
#include <optional>

#include "sync/command/command.h"
#include "sync/config/config.h"

namespace mirror {

struct OwnersCommand {
  std::filesystem::path config;  // the whole configuration, of which this is an account
  Config account;
  Words words;
};

// The exit code.
int ask_the_owner(const OwnersCommand& command, CommandOutput& output);

// Between two foreign servers: of the process that keeps them the same (CommandDoor); nullopt: there is none.
std::optional<int> ask_the_watcher(const OwnersCommand& command, CommandOutput& output);

// Becomes the owner of the account's store, which synchronises it in the background until a signal; waits while another
// process owns it. Its log goes to standard error. Returns only where that cannot be: the exit code.
int serve_in_place(const Config& config, CommandOutput& output, bool shows_wire = false);

}  // namespace mirror
