// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// A mailbox of the built-in store, as one of a side.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "proto/transport/worker_pool.h"
#include "store/mail_store.h"
#include "sync/replica.h"

namespace mirror {

using OtherMailbox = std::function<base::Result<std::shared_ptr<store::Mailbox>>(const MailboxPath&)>;

// by: what the ledger calls the pass, and who removes messages, which are kept for a while. `other` opens another
// mailbox of the store, on a worker.
std::unique_ptr<ReplicaMailbox> make_store_mailbox(std::shared_ptr<store::Mailbox> mailbox,
                                                   transport::WorkerPool& workers, std::string by, OtherMailbox other);

}  // namespace mirror
