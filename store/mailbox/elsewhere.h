// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Messages whose text is not here yet. Nothing makes them but tests: the sync is to, where bodies come on demand.
//
// Such a message has a UID, flags, date, size and envelope, and no file. Flags are changed and it is expunged like any
// other; what reads its text throws TextElsewhere (store/content.h). It becomes an ordinary message under its UID when
// its text comes. Readings of the directory do not miss it (foreign/compare.h), and an index that is made anew because
// its rows cannot be read keeps it; where the whole index is lost it is lost too, and has to be fetched again.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "proto/base/result.h"
#include "proto/flags.h"
#include "proto/literal.h"
#include "proto/message_data.h"
#include "proto/numbers.h"

namespace store {

class Mailbox;

struct ExpectedMessage {
  imap::FlagSet flags;
  std::int64_t internal_date = 0;
  std::uint64_t wire_size = 0;  // not 0
  imap::Envelope envelope;
};

// All or none; durable when it returns. UIDs in the order given.
base::Result<std::vector<imap::Uid>> expect_messages(Mailbox& mailbox, std::span<const ExpectedMessage> messages);

// Refuses where the message is gone or has its text already, and a text of another size than was said.
base::Result<void> text_arrived(Mailbox& mailbox, imap::Uid uid, const imap::Literal& text);

}  // namespace store
