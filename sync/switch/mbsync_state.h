// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// The state file of mbsync (isync 1.1 to 1.5): `.mbsyncstate` beside a Maildir, or a file in the SyncState directory.
//
//   FarUidValidity 1700000001     (MasterUidValidity before 1.4)
//   NearUidValidity 1700000002    (SlaveUidValidity before 1.4)
//   MaxPulledUid 17
//   MaxPushedUid 16
//                                 (an empty line)
//   17 16 FS                      far UID, near UID, flags as in a Maildir's file name
//
// Before the flags may stand: `<` or `>`, the far or near message is a placeholder of one that was too large; `^`, it
// was not copied; `~` or `X`, it is expired. UID 0 or 4294967295: the message is not there.
#pragma once

#include <string_view>
#include <vector>

#include "proto/base/result.h"
#include "proto/flags.h"
#include "proto/numbers.h"

namespace mirror {

struct MbsyncState {
  imap::UidValidity far, near;
  struct Entry {
    imap::Uid far, near;
    imap::FlagSet flags;
    bool operator==(const Entry&) const = default;
  };
  std::vector<Entry> entries;  // messages that were on both sides, whole
};

// Refuses (Corrupt) what is damaged, half written or of another kind.
base::Result<MbsyncState> parse_mbsync_state(std::string_view text);

}  // namespace mirror
