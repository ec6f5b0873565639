// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// What a COPY or MOVE on a server has made: which of the messages that have come to a mailbox is the copy of which.
// Pure.
#pragma once

#include <map>
#include <vector>

#include "sync/replica.h"

namespace mirror {

// Whether COPYUID names the very messages that have come, in the order of their originals, as servers copy them.
bool is_told_plainly(const CopyOutcome& outcome, imap::UidValidity validity, const imap::UidSet& come);

// By the original. What COPYUID says is believed where the message is that; else a copy is told by what it is, and
// those that two could be are left out.
std::map<imap::Uid, imap::Uid> copies_among(const std::vector<Identity>& come, const std::vector<Identity>& originals,
                                            const CopyOutcome& outcome);

// What both sides have agreed on of a copy that a server has made: what it has not copied of its original's flags
// counts as set here since, so that it is set there, and not taken away here.
imap::FlagSet agreed_of_copy(imap::FlagSet agreed, imap::FlagSet original, const imap::FlagSet& copy);

}  // namespace mirror
