// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Mailboxes that come, go, are renamed, subscribed: what a pass does about them.
#pragma once

#include <asio/awaitable.hpp>

#include "sync/pass/mailboxes/mailbox_list.h"

namespace mirror {

// What has another name on one side gets it on the other. False: there was nothing to do; else the list must be made
// anew.
asio::awaitable<bool> carry_all_renames(MailboxList& list);

// A mailbox that is on neither side any more was deleted on both: one of the same name is a new one. A subscription
// that both have given up is no longer agreed.
asio::awaitable<void> forget_gone(MailboxList& list);

// Whether a mailbox that is gone here is made here again, since nothing is removed there and what is there is to be
// here (mode = mirror, backup).
bool comes_again(const MailboxList& list, const Candidate& candidate);
// Forgets what was agreed of those: they are made, and fetched, as if for the first time.
asio::awaitable<void> bring_back(MailboxList& list);

// Whether a mailbox that one side has lost is deleted on the other.
asio::awaitable<bool> is_deletion_to_be_carried(MailboxList& list, const Candidate& candidate, Side lost);

// It was on both sides, and is not any more.
bool is_missing_somewhere(const Candidate& candidate);

// Has the mailbox on both sides. False: it cannot be synchronised, and it was said why.
asio::awaitable<bool> make_both(MailboxList& list, Candidate& candidate);

asio::awaitable<void> merge_subscription(MailboxList& list, Candidate& candidate);

}  // namespace mirror
