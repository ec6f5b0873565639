// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Strangers: two full mailboxes of which almost nothing is the same are hardly one mailbox. Where a whole account is
// seen for the first time (or is another one on a side), one mailbox is asked before any other is touched: what lies
// here may be another account's mail, and copying everything both ways cannot be taken back.
#pragma once

#include <asio/awaitable.hpp>

#include "sync/pass/mailboxes/mailbox_list.h"
#include "sync/pass/pairing/mailbox_look.h"
#include "sync/replica.h"

namespace mirror {

struct StrangersFailure : MailboxFailure {
  using MailboxFailure::MailboxFailure;
};

// What is said of the account's other mailboxes then.
inline constexpr const char* kOthersWait = "until then no other mailbox is touched either";

// Throws it where almost none of the messages that could be on both sides are: `paired`. What is left of them says, by
// its newest message on each side, what it looks like.
asio::awaitable<void> refuse_strangers(PassContext& context, MailboxPair& mailbox, const MailboxLook& look,
                                       std::uint64_t paired);

// The mailbox that is synchronised before all others: INBOX, or the largest, of those that are full on both sides.
// nullptr: the account is known by another mailbox, or none is full. Pure.
Candidate* find_witness(std::vector<Candidate>& candidates);

}  // namespace mirror
