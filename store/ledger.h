// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// The ledger: what became of messages here, when, and by whom. It is kept for a while so that a person can be told
// (`postern why`); nothing is ever decided by it.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "proto/flags.h"
#include "proto/numbers.h"
#include "proto/sequence_set.h"

namespace store {

struct LedgerEntry {
  enum class What : std::uint8_t {
    Arrived,         // new here; flags_added are those that it came with
    Listed,          // the mailbox was read anew, without what was known of it: these are all that it has
    Flags,           // flags_added and flags_removed
    Gone,            // is in this mailbox no more
    Copied,          // new here, of `from`: the first is a copy of the first, and so on
    Moved,           // the same, and they are in that mailbox no more
    Remark,          // `text` about these messages; `from`: their UIDs on the other side of the sync
    MailboxDeleted,  // with all that was in it
  };
  What what = What::Remark;
  std::int64_t when = 0;   // Unix seconds
  std::string mailbox_id;  // OBJECTID
  std::string mailbox;     // its name then, UTF-8
  imap::UidSet uids;
  imap::ModSeq modseq;  // of the mailbox, after that; 0: it did not change
  std::string by;       // "client", "pass 20261126T165500Z", "another program"
  imap::FlagSet flags_added, flags_removed;
  std::string message_id;  // of a single message, where it is known
  std::string from_id;     // OBJECTID of the mailbox where they come from
  imap::UidSet from;
  std::string text;
  bool operator==(const LedgerEntry&) const = default;
};

struct KeepLedger {
  std::chrono::hours time{90 * 24};    // 0: nothing is written
  std::uint64_t octets = 100'000'000;  // in all; beyond it the oldest entries go
  bool operator==(const KeepLedger&) const = default;
};

}  // namespace store
