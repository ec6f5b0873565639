// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Removed mail: messages that were expunged, and are kept for a while.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "proto/flags.h"
#include "proto/mailbox_name.h"

namespace store {

struct RemovedMessage {
  std::string id;  // of the file that holds it
  imap::MailboxName mailbox;
  std::int64_t when = 0;  // Unix seconds
  std::string by;         // "client", "pass 20261126T165500Z", …
  imap::FlagSet flags;
  std::int64_t internal_date = 0;
  std::uint64_t octets = 0;  // of its file
  bool is_wire = false;      // the file has the text as on the wire, else with LF line ends
};

struct KeepRemoved {
  std::chrono::hours time{30 * 24};      // 0: nothing is kept
  std::uint64_t octets = 2'000'000'000;  // in all; beyond it the oldest go
  bool operator==(const KeepRemoved&) const = default;
};

}  // namespace store
