// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Remarks: what the store's ledger is to say of a mailbox's messages: gathered, and told when what they say is written.
#pragma once

#include <asio/awaitable.hpp>

#include <string>
#include <vector>

#include "sync/pair_table.h"
#include "sync/replica.h"

namespace mirror {

class Remarks {
 public:
  // The same of all these. Their order does not matter.
  void add(std::vector<Pair> pairs, const std::string& text);
  void add(Side side, imap::Uid uid, const std::string& text);  // of one that the other side does not have
  asio::awaitable<void> tell(ReplicaMailbox& local);

 private:
  std::vector<Remark> remarks_;
};

// Those of them that are paired.
std::vector<Pair> pairs_among(const PairTable& pairs, Side side, const imap::UidSet& uids);

}  // namespace mirror
