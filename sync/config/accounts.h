// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Accounts: all that a configuration is about: those of its file, and, where that is called "config", those of the
// files accounts/NAME.conf beside it. Each may be wrong by itself.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sync/config/config.h"

namespace mirror {

struct AccountEntry {
  std::string key;                             // its file and section: stays where a wrong one is mended
  std::string name;                            // to a person
  base::Result<Config> config;                 // or why this one is not synchronised
  Config known;                                // the same; of a wrong one what could be read
  std::optional<std::filesystem::path> store;  // nullopt: a foreign server, or it cannot be told
};

// At least one. Two that would have the same mailboxes, state or name are both refused.
std::vector<AccountEntry> read_accounts(const std::filesystem::path& file);
// Changes with any of its files.
std::string accounts_stamp(const std::filesystem::path& file);
// accounts/NAME.conf beside a file that is called "config", by name.
std::vector<std::filesystem::path> account_files(const std::filesystem::path& file);

// Whether both would have some mailbox of one local side.
bool prefixes_overlap(const std::string& a, const std::string& b);

}  // namespace mirror
