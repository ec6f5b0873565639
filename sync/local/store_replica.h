// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// StoreReplica: the built-in store as one side, called directly; its calls run on the workers.
#pragma once

#include <memory>
#include <string>

#include "proto/transport/worker_pool.h"
#include "store/mail_store.h"
#include "sync/other_prefixes.h"
#include "sync/replica.h"
#include "sync/store_names.h"

namespace mirror {

// The journal must be kept in this store (make_store_storage): appends commit their pairs with the messages.
std::unique_ptr<Replica> make_store_replica(store::MailStore& mail_store, transport::WorkerPool& workers,
                                            const StoreNames& names, OtherPrefixes others = {});

}  // namespace mirror
