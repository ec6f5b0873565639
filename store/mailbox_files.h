// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Which file holds which message of a mailbox; for states of other synchronisers, which know files by their names.
#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "proto/numbers.h"
#include "store/mailbox.h"

namespace store {

struct MailboxFiles {
  std::filesystem::path directory;                       // holds cur/ and new/; empty: this mailbox has no files
  std::vector<std::pair<imap::Uid, std::string>> names;  // as far as we know; ascending
};

// May wait for a change of the mailbox that is under way.
MailboxFiles files_of(Mailbox& mailbox);

}  // namespace store
