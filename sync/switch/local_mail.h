// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// What lies in a directory that is to be the local side: nothing yet, mail of one account, or of several.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace mirror {

struct LocalMail {
  std::uint64_t mailboxes = 0, messages = 0;    // below it, counted as files
  std::vector<std::filesystem::path> accounts;  // directories below it that are a store each; empty: it is one itself
  std::string tool;                             // whose traces are there: "mbsync", "OfflineIMAP", "Dovecot"; or ""
};

// The accounts of it alone. A directory whose INBOX is empty (we may have made it) is none itself where others are.
std::vector<std::filesystem::path> accounts_below(const std::filesystem::path& directory);

// Reads directories, no messages. What cannot be read is left out.
LocalMail look_at_local_mail(const std::filesystem::path& directory);

}  // namespace mirror
