// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Dovecot's and mbsync's files beside a Maildir: read for adoption; `dovecot-keywords` is also written, so that both
// know the letters.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "store/maildir/mailbox_file.h"

namespace store {

// UIDVALIDITY, next UID and the UIDs of names from dovecot-uidlist (version 1 or 3), else UIDVALIDITY from mbsync's
// .uidvalidity; the id is empty.
std::optional<MailboxFile> read_foreign_uids(const std::filesystem::path& mailbox_directory);

// dovecot-keywords: the names of letters a to z; empty strings where a letter has none that IMAP can say.
std::vector<std::string> read_keyword_letters(const std::filesystem::path& mailbox_directory);
void write_keyword_letters(const std::filesystem::path& mailbox_directory, const std::vector<std::string>& names);

}  // namespace store
