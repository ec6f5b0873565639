// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// MetThere: copies that were made here and that another client has made there too: they are paired, so that both sides
// have one and not two.
#pragma once

#include <asio/awaitable.hpp>

#include <map>
#include <vector>

#include "sync/moves.h"
#include "sync/pass/mailboxes/mailbox_list.h"

namespace mirror {

// Of one pass.
class MetThere {
 public:
  explicit MetThere(MailboxList& list) : list_(list), context_(list.context) {}

  // Pairs those of the copies into this mailbox that are there, and leaves the others. Before anything is copied to it.
  // Nobody is asked where nothing has come there, or so much that it is asked for in vain.
  // The pairs that were made.
  asio::awaitable<std::vector<Pair>> take(const Candidate& into, std::vector<CopyThere>& wanted);

 private:
  asio::awaitable<std::vector<Identity>> come_to(const Candidate& into, std::uint64_t wanted);

  MailboxList& list_;
  PassContext& context_;
  std::map<MailboxPath, std::vector<Identity>> come_;  // and are nobody's twin yet
};

}  // namespace mirror
