// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Pairs of another synchroniser whose messages have no Message-ID, or one that others have too: whether they are what
// the synchroniser says, or files were exchanged.
#pragma once

#include <asio/awaitable.hpp>

#include <map>
#include <string>
#include <vector>

#include "sync/pass/pairing/tool_pairs.h"

namespace mirror {

// Subjects with senders and dates, by UID; of messages that a side does not describe there is none.
using MessageNames = std::map<imap::Uid, std::string>;

// Pure. How much must be read to know.
struct DoubtfulPairs {
  std::vector<ToolVerdict::Doubtful> sure;      // both are called so, and no other doubtful one is
  std::vector<ToolVerdict::Doubtful> unlike;    // called in different ways, or of other sizes: their texts are read
  std::vector<ToolVerdict::Doubtful> the_same;  // called as others are: some texts are read, and all where one differs
};
DoubtfulPairs sort_doubtful(const std::vector<ToolVerdict::Doubtful>& doubtful, const MessageNames& here,
                            const MessageNames& there);

// Moves what is right to what was found. A pair whose text here is that of another doubtful one there is a stranger;
// one that is only unlike (edited, spoiled) is no pair.
asio::awaitable<void> settle_doubtful(PassContext& context, MailboxPair& mailbox, ToolVerdict& verdict);

}  // namespace mirror
