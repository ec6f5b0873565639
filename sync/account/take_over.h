// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Takes over what InterIMAP knew of the same two sides, once, so that the switch to Postern copies nothing.
#pragma once

#include <asio/awaitable.hpp>

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "proto/base/log.h"
#include "proto/transport/worker_pool.h"
#include "sync/journal/journal.h"
#include "sync/replica.h"

namespace mirror {

struct TakeOver {
  std::filesystem::path database;  // InterIMAP's
  Journal& journal;
  transport::WorkerPool& workers;
  base::Log log;
  std::function<bool(const MailboxPath&)> matches;  // which mailboxes are synchronised
};

// Whether there is something to take over: InterIMAP's database is there, and nothing was agreed yet.
bool wants_take_over(const std::filesystem::path& database, Journal& journal);

// Pairs are written for mailboxes that both sides still have under the UIDVALIDITY that the database tells, all in one
// step; those of other mailboxes are left to the pass, which pairs by what messages say. Returns sentences for a
// person. Throws Failure: the database cannot be read, or is about another account; nothing was changed then.
asio::awaitable<std::vector<std::string>> take_over(TakeOver work, Replica& local, Replica& remote);

}  // namespace mirror
