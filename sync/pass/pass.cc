// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// How it goes:
// 1. Both sides list their mailboxes with where they stand: one round trip, whatever the number of messages.
// 2. A mailbox that has another name on one side (UIDVALIDITY and messages tell) is renamed on the other one
//    (carry_renames).
// 3. Where the account is not known by any mailbox, one that is full on both sides is synchronised before all others:
//    if these are strangers, nothing else is done.
// 4. A mailbox that only one side has, and that was never on both, is made on the other. One that was on both and is
//    missing now, and that a client of ours has not deleted, was deleted there or taken away: that is not done to the
//    other side without a word; it is reported, with the command that settles it (postern delete, postern rename).
// 5. Mailboxes whose sides stand where they were left need nothing. The others are synchronised, INBOX first, several
//    at once where there is much to do. Before, what was moved and copied between mailboxes is (pass/moves); afterwards
//    those in which something had to stay until its copy had arrived are synchronised again, and those between which a
//    client of ours has moved something meanwhile.
// 6. Subscriptions are merged three ways.
#include "sync/pass/pass.h"

#include "sync/pass/mailbox_queue.h"
#include "sync/pass/mailboxes/mailbox_changes.h"
#include "sync/pass/mailboxes/mailbox_list.h"
#include "sync/pass/moves/carry_moves_here.h"
#include "sync/pass/moves/moved_files.h"
#include "sync/pass/moves/moves_there.h"
#include "sync/pass/pairing/strangers.h"

namespace mirror {

namespace {

constexpr int kRenames = 8;
constexpr int kMoreRounds = 3;

// What was moved between mailboxes is moved, then all of them are made the same; and again those that somebody has
// moved messages from or to meanwhile.
asio::awaitable<void> synchronise(MailboxList& list, MailboxQueue& queue) {
  MovesThere moves_there(list);
  co_await moves_there.carry();
  auto files = co_await carry_moved_files(list);
  moves_there.keep(std::move(files.left));
  for (auto* candidate : files.left_from) queue.add_again(*candidate);
  auto moves = co_await find_moves_here(list, queue.to_do(), moves_there.left());
  if (!moves.empty()) {
    co_await carry_moves_here(list, std::move(moves));
    if (!moves_there.left().empty()) co_await moves_there.carry();  // their originals may be elsewhere now
  }
  co_await queue.synchronise();
  for (int i = 0; i < kMoreRounds; ++i) {
    const auto again = co_await moves_there.next_round();
    if (again.empty()) break;
    for (auto* candidate : again) queue.add_again(*candidate);
    co_await queue.synchronise();
  }
  co_await moves_there.finish();
}

}  // namespace

asio::awaitable<bool> run_pass(PassContext& context, Replica& local, Replica& remote, const Scope& scope) {
  context.names = {local.description(), remote.description()};
  MailboxList list(context, local, remote, scope);
  co_await list.read_journal();
  co_await list.look();
  for (int i = 0; i < kRenames; ++i) {  // what is below a mailbox goes along with it, and is found anew
    const bool carried = co_await carry_all_renames(list);
    if (!carried) break;
    co_await list.look();
  }
  list.report_left_out();
  list.count_losses();
  co_await forget_gone(list);
  co_await bring_back(list);
  MailboxQueue queue(list);
  if (auto* witness = find_witness(list.candidates)) {
    const bool goes_on = co_await queue.ask(*witness);
    if (!goes_on) co_return false;
  }
  std::vector<Candidate*> missing;  // settled last: what was moved out of a mailbox goes before it is deleted
  for (auto& candidate : list.candidates) {
    if (is_missing_somewhere(candidate)) {
      missing.push_back(&candidate);
      continue;
    }
    const bool ready = co_await make_both(list, candidate);
    if (ready) queue.add(candidate);
  }
  co_await synchronise(list, queue);
  for (auto* candidate : missing) co_await make_both(list, *candidate);
  for (auto& candidate : list.candidates) co_await merge_subscription(list, candidate);
  co_return list.good;
}

}  // namespace mirror
