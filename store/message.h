// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Message: what the index knows of one message without opening its file.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "proto/flags.h"
#include "proto/literal.h"
#include "proto/numbers.h"

namespace store {

struct Message {
  imap::Uid uid;
  imap::ModSeq modseq;
  imap::FlagSet flags;
  std::int64_t internal_date = 0;     // Unix seconds; the file's modification time
  std::optional<std::uint64_t> size;  // octets on the wire (RFC822.SIZE); absent: nobody has counted them yet,
                                      // ContentReader::size() does
  bool complete = true;               // false: its text is not whole here: another program may still be writing the
                                      // file, or `elsewhere`
  bool elsewhere = false;             // there is no file yet: what reads its text throws TextElsewhere
  bool operator==(const Message&) const = default;
};

// A message to be added.
struct NewMessage {
  imap::Literal data;  // octets as on the wire
  imap::FlagSet flags;
  std::optional<std::int64_t> internal_date;  // absent: now
};

}  // namespace store
