// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// One mailbox, both sides: look, reconcile, apply, until there is nothing left to do; then remember where both stand.
#pragma once

#include <asio/awaitable.hpp>

#include "sync/pass/apply.h"

namespace mirror {

// `record` is the journal's (a new one: all zero) and is brought up to date, also in the journal. False: something is
// left to do and progress.problems says what; a later pass will take it up. Throws Failure, std::system_error.
asio::awaitable<bool> sync_mailbox(PassContext& context, MailboxRecord& record, ReplicaMailbox& local,
                                   ReplicaMailbox& remote);

}  // namespace mirror
