// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// What STATUS is asked for and what it answers (RFC 9051 section 6.3.11 and 7.3.4, RFC 7162, RFC 7889, RFC 8438).
#pragma once

#include <cstdint>
#include <optional>

#include "proto/numbers.h"

namespace imap {

struct StatusItems {
  bool messages = false, recent = false, uid_next = false, uid_validity = false, unseen = false;
  bool highest_modseq = false, size = false, deleted = false, mailbox_id = false, append_limit = false;
  bool operator==(const StatusItems&) const = default;
};

}  // namespace imap
