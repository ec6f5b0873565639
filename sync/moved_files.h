// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Files that another program has moved between mailboxes here: a message is gone from one of them, which nobody has
// said, and the same one has come to another. Pure.
#pragma once

#include <set>
#include <vector>

#include "sync/moves.h"

namespace mirror {

struct LostHere {
  MailboxPath mailbox;
  Pair pair;
};
struct NewHere {
  MailboxPath mailbox;
  Identity here;
};

// Of equal Message-ID, which no other message has that has gone or come, or that is still here (`marks_here`). Its size
// and date are compared with those of the message there before it is moved (CopyThere::is_told).
std::vector<CopyThere> match_moved_files(const std::vector<LostHere>& lost, const std::vector<NewHere>& come,
                                         const std::set<std::uint64_t>& marks_here);

// What both sides agree on of such a message. A file's name has keywords as letters that mean something in its mailbox
// alone: those that are not known in the other one are not taken away, but come back from there.
imap::FlagSet agreed_of_file(imap::FlagSet agreed, const imap::FlagSet& here);

}  // namespace mirror
