// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Lists of flags that fit into a command's line.
#pragma once

#include <cstddef>
#include <vector>

#include "proto/command/store.h"
#include "proto/flags.h"
#include "proto/sequence_set.h"

namespace mirror {

std::size_t octets_of(const imap::FlagSet& flags);  // of its keywords
// Parts of the flags whose text leaves room for UIDs in a line.
std::vector<imap::FlagSet> short_lists(const imap::FlagSet& flags);

// Without an answer (.SILENT).
imap::StoreCommand store_command(const imap::UidSet& uids, imap::FlagChange change, const imap::FlagSet& flags);

}  // namespace mirror
