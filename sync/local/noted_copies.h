// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// What the store has noted of COPY and MOVE, by mailboxes as the sync calls them.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "store/mail_store.h"
#include "sync/replica.h"

namespace mirror {

using MailboxIds = std::map<std::string, MailboxPath>;  // those of this account

std::vector<NotedCopy> noted_copies(store::MailStore& mail_store, const MailboxIds& ids);
CopyOutcome outcome_of(const base::Result<store::Copied>& copied);
// Keeps the other notes of these mailboxes on.
void forget_copies(store::MailStore& mail_store, const MailboxIds& ids, const std::vector<NotedCopy>& notes);

}  // namespace mirror
