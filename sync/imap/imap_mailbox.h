// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// ImapMailbox: a mailbox on a server, selected on a connection of its own.
#pragma once

#include <memory>

#include "proto/mailbox_name.h"
#include "sync/imap/imap_pool.h"
#include "sync/replica.h"

namespace mirror {

std::unique_ptr<ReplicaMailbox> make_imap_mailbox(ImapPool::Lease lease, imap::MailboxName name);

}  // namespace mirror
