// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "proto/transport/worker_pool.h"
#include "store/mailbox.h"
#include "sync/replica.h"

namespace mirror {

// The messages of a mailbox in the store that are complete.
std::unique_ptr<MessageStream> make_store_stream(std::shared_ptr<store::Mailbox> mailbox,
                                                 transport::WorkerPool& workers, const imap::UidSet& uids);

}  // namespace mirror
