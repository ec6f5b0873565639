// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// MailboxQueue: those mailboxes that do not stand where they were left, synchronised one after the other, or several at
// once.
#pragma once

#include <asio/awaitable.hpp>

#include <algorithm>
#include <deque>

#include "sync/pass/context/lost_connections.h"
#include "sync/pass/mailboxes/mailbox_list.h"

namespace mirror {

class MailboxQueue {
 public:
  explicit MailboxQueue(MailboxList& list) : list_(list), context_(list.context) {}

  // Both sides have it. One that stands where it was left is not added.
  void add(Candidate& candidate);
  // Also one that stands where it was left, or that was synchronised.
  void add_again(Candidate& candidate) {
    if (std::ranges::find(to_do_, &candidate) == to_do_.end()) to_do_.push_back(&candidate);
  }
  const std::deque<Candidate*>& to_do() const { return to_do_; }
  asio::awaitable<void> synchronise();
  // Before any other is added. False: its two sides are strangers, and nothing was copied; the pass ends.
  asio::awaitable<bool> ask(Candidate& witness);

 private:
  bool has_to_try(const MailboxRecord& record);
  bool has_losses_to_settle(const MailboxRecord& record);
  bool hides_a_change(const Candidate& candidate) const;
  bool needs_no_look(const Candidate& candidate) const;
  asio::awaitable<void> work();
  asio::awaitable<void> synchronise(Candidate& candidate);
  bool goes_on(Candidate& candidate, const Failure& failure);

  MailboxList& list_;
  PassContext& context_;
  std::deque<Candidate*> to_do_;
  std::uint64_t amount_ = 0;
  LostConnections lost_;
};

}  // namespace mirror
