// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Which accounts a command line is about.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "sync/cli/commands.h"
#include "sync/config/accounts.h"

namespace mirror {

struct Chosen {
  std::filesystem::path file;          // the configuration
  std::vector<AccountEntry> accounts;  // at least one
  std::vector<std::string> arguments;  // without the accounts' names
};

// Sets the log up. Refuses: no configuration, no such account, one must be named.
base::Result<Chosen> choose_accounts(const CommandLine& line);

}  // namespace mirror
