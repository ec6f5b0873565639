// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// OfflineIMAP's status of a mailbox: the UIDs on the server that both sides had, with flags as letters.
//
// LocalStatus-sqlite/NAME, version 2 (or 1): table status (id, flags, …), table metadata with db_version.
// LocalStatus/NAME, format 2 (or 1), a line a message:
//   OFFLINEIMAP LocalStatus CACHE DATA - DO NOT MODIFY - FORMAT 2
//   17|FS|0|                 (format 1: 17:FS)
#pragma once

#include <filesystem>
#include <string_view>
#include <vector>

#include "proto/base/result.h"
#include "proto/flags.h"
#include "proto/numbers.h"

namespace mirror {

struct OfflineImapEntry {
  imap::Uid uid;
  imap::FlagSet flags;
  bool operator==(const OfflineImapEntry&) const = default;
};

// Both refuse (Corrupt) what is damaged, half written or of another version.
base::Result<std::vector<OfflineImapEntry>> parse_offlineimap_status(std::string_view text);
base::Result<std::vector<OfflineImapEntry>> read_offlineimap_database(const std::filesystem::path& file);

}  // namespace mirror
