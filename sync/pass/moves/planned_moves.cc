// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "sync/pass/moves/planned_moves.h"

#include "sync/pass/moves/carry_moves_here.h"
#include "sync/pass/moves/copies_there.h"
#include "sync/pass/moves/moved_files.h"

namespace mirror {

asio::awaitable<void> PlannedMoves::find(const std::deque<Candidate*>& to_do) {
  auto copies = co_await find_copies_there(list_);
  const auto files = co_await find_moved_files(list_);
  copies.wanted.insert(copies.wanted.end(), files.begin(), files.end());
  store::StateBatch batch;
  for (const auto& one : copies.wanted) {
    auto& into = mailboxes_[one.copy.mailbox];
    into.not_from_local.add(one.copy.uid);
    if (!one.stays()) ++(one.manner == Manner::Move ? into.remote.moves : into.remote.copies);
    if (one.manner == Manner::Move) forget(batch, one.mailbox, one.original);
  }
  list_.context.journal.commit(batch, false);
  const auto moves = co_await find_moves_here(list_, to_do, {});
  store::StateBatch more;
  for (const auto& one : moves) {
    auto& into = mailboxes_[one.to.mailbox];
    into.not_from_remote.add(one.to.there.uid);
    ++into.local.moves;
    forget(more, one.from.mailbox, one.from.pair);
  }
  list_.context.journal.commit(more, false);
}

void PlannedMoves::forget(store::StateBatch& batch, const MailboxPath& mailbox, const Pair& pair) {
  list_.context.journal.erase_pair(batch, list_.records.at(mailbox).number, pair.remote);
  mailboxes_[mailbox].not_from_local.add(pair.local);
  mailboxes_[mailbox].not_from_remote.add(pair.remote);
}

PlannedMoves::Into PlannedMoves::into(const MailboxPath& mailbox, Side side) const {
  const auto at = mailboxes_.find(mailbox);
  if (at == mailboxes_.end()) return {};
  return side == Side::Local ? at->second.local : at->second.remote;
}

void PlannedMoves::take_out(const MailboxPath& mailbox, Plan& plan) const {
  const auto at = mailboxes_.find(mailbox);
  if (at == mailboxes_.end()) return;
  plan.copy_from_local = plan.copy_from_local.minus(at->second.not_from_local);
  plan.copy_from_remote = plan.copy_from_remote.minus(at->second.not_from_remote);
}

}  // namespace mirror
