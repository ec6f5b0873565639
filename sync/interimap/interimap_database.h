// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// InterIMAP's database: which mailboxes it knows, which message here is which one there, and up to where. Only read:
// the file is never changed.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "proto/base/result.h"
#include "sync/mailbox_path.h"
#include "sync/replica.h"

namespace mirror {

struct InterImapMailbox {
  MailboxPath path;         // without the list-reference of either side
  bool subscribed = false;  // as both sides had it
  // UIDVALIDITY, UIDNEXT and HIGHESTMODSEQ up to which everything is on both sides; all zero: never synchronised.
  SideState local, remote;
  std::vector<std::pair<imap::Uid, imap::Uid>> pairs;  // local and remote; ascending by local
  bool operator==(const InterImapMailbox&) const = default;
};

// By path. Empty: InterIMAP has made the file and put nothing into it. Refuses: it is not there or cannot be read
// (Configuration), interimap has it open (InUse), it is no such database, damaged, not wholly written, or of another
// version (Corrupt).
base::Result<std::vector<InterImapMailbox>> read_interimap_database(const std::filesystem::path& file);

// Where interimap(1) has the database of that name: a relative one is below $XDG_DATA_HOME/interimap.
std::filesystem::path interimap_database_file(const std::string& database);

}  // namespace mirror
