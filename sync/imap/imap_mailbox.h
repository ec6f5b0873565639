// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// ImapMailbox: a mailbox on a server, selected on a connection of its own.
#pragma once

#include <functional>
#include <memory>

#include "proto/mailbox_name.h"
#include "sync/imap/imap_pool.h"
#include "sync/replica.h"

namespace mirror {

// How the server calls other mailboxes.
using NamesThere = std::function<base::Result<imap::MailboxName>(const MailboxPath&)>;

// names: called as long as the mailbox is open.
std::unique_ptr<ReplicaMailbox> make_imap_mailbox(ImapPool::Lease lease, imap::MailboxName name, NamesThere names = {});

}  // namespace mirror
