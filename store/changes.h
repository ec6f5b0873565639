// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Changes: what a mailbox can say since a ModSeq (RFC 7162).
#pragma once

#include <vector>

#include "proto/sequence_set.h"
#include "store/message.h"

namespace store {

struct Changes {
  std::vector<Message> changed;  // new messages and changed flags, ascending by UID
  imap::UidSet vanished;  // expunged since; may hold UIDs that never were when the log was cut (RFC 7162 allows it)
  imap::UidSet
      said;  // of vanished: removed by a client or a pass, which is known; of the others only that they are gone
  imap::ModSeq highest;  // the state these changes lead to
};

}  // namespace store
