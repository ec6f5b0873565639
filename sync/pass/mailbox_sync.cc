// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// How it goes:
// 1. Look at both sides. Where one is another mailbox than before (UIDVALIDITY), messages are paired anew (heal.cc).
// 2. Appends and flag changes whose end is not known are looked for (Apply::resolve_intents, resolve_flags).
// 3. A mailbox without any state is adopted: messages that are the same on both sides are paired, not copied: those of
//    equal Message-ID and date; where one of these is missing, differs or is not unique, those of equal text (but for
//    the lines that other synchronisers add). Where both sides are full and almost nothing is the same, it ends.
//    Where the journal was damaged or has gone back, so are those that have no pair; of flags none is taken for
//    removed, and no message for deleted.
// 4. Reconcile and apply; then look again at a side that was written to, since both our own changes and other people's
//    moved it on. An empty plan ends it.
// 5. Where a side stands is recorded only after all that it said up to there was applied. A change that was refused
// keeps
//    the record where it is, so that the next pass sees it again; all steps are safe to repeat. A message that cannot
//    be copied is held: it has a record of its own, and the mailbox goes on.
#include "sync/pass/mailbox_sync.h"

#include <algorithm>
#include <exception>
#include <string>

#include "sync/pass/note_object_ids.h"
#include "sync/pass/pairing/adopt.h"
#include "sync/pass/pairing/heal.h"
#include "sync/pass/pairing/same_messages.h"

namespace mirror {

namespace {

constexpr int kRounds = 20;

void note_withheld(Progress& progress, const MailboxPath& path, const Withheld& withheld) {
  for (const auto& what : sentences(withheld)) progress.notes.push_back(path.shown() + ": " + what);
  progress.unsent += withheld.remote.messages + withheld.remote.flags + withheld.remote.removals;
}

}  // namespace

MailboxSync::MailboxSync(PassContext& context, MailboxRecord& record, ReplicaMailbox& local, ReplicaMailbox& remote)
    : context_(context),
      record_(record),
      mailbox_{record, {}, {}, &local, &remote},
      apply_(context, mailbox_),
      absent_(context, mailbox_),
      look_(context, mailbox_),
      permits_(context.permits_of(record.path)) {}

asio::awaitable<bool> MailboxSync::run() {
  std::exception_ptr lost;
  bool good = false;
  try {
    good = co_await make_same();
  } catch (const MailboxConnectionLost&) {
    lost = std::current_exception();
  }
  if (!lost) co_await apply_.name_held();
  if (good) co_await note_object_ids(context_, mailbox_);
  absent_.report();
  for (auto& sentence : sentences(record_.path, mailbox_.held, context_.names))
    context_.progress.problems.push_back(std::move(sentence));
  if (lost) std::rethrow_exception(lost);
  co_return good&& mailbox_.held.empty();
}

asio::awaitable<bool> MailboxSync::make_same() {
  co_await begin();
  for (int round = 0; round < kRounds; ++round) {
    const auto plan = co_await this->plan();
    if (is_done(plan)) {
      co_await remember();
      co_return !look_.in_doubt();
    }
    const bool good = co_await apply(plan);
    if (!good) co_return false;
    co_await remember();
  }
  context_.progress.problems.push_back(record_.path.shown() + ": the sides keep changing; the rest comes next time");
  co_return false;
}

asio::awaitable<void> MailboxSync::begin() {
  const bool fresh = !record_.local.uid_validity && !record_.remote.uid_validity;
  co_await context_.workers.run([&] {
    mailbox_.pairs = context_.journal.pairs(record_.number);
    mailbox_.held = context_.journal.held(record_.number);
    mailbox_.absences = context_.journal.absences(record_.number);
    adopts_ = fresh || context_.journal.is_uncertain(record_.number);
  });
}

asio::awaitable<Plan> MailboxSync::plan() {
  co_await look_.look(look_local_, Side::Local);
  co_await look_.look(look_remote_, Side::Remote);
  const bool same_here = look_.is_same_mailbox(Side::Local), same_there = look_.is_same_mailbox(Side::Remote);
  if (!same_here || !same_there) {
    if (!first_)
      throw MailboxFailure(base::Reason::Failed, "has become another mailbox meanwhile; the next pass goes on");
    co_await heal(context_, mailbox_, look_, !same_here, !same_there);
    adopts_ = false;
    healed_ = true;
  }
  if (first_ && !context_.is_trial) {
    co_await put_back(Side::Local);
    co_await put_back(Side::Remote);
  }
  look_.note_doubt();
  if (first_) co_await resolve();
  absent_.recall(look_.local, look_.remote);
  auto plan = reconcile(mailbox_.pairs, look_.local, look_.remote);
  bool met = false;
  if (!(first_ && (adopts_ || healed_))) met = co_await pair_what_met(plan);
  if (met) {
    absent_.recall(look_.local, look_.remote);
    plan = reconcile(mailbox_.pairs, look_.local, look_.remote);
  }
  restrict(plan);
  co_await leave_what_moves(plan);
  co_await absent_.weigh(plan, look_.local, look_.remote);
  consider_held(plan);
  first_ = false;
  co_return plan;
}

// What an earlier pass has begun, and what it could not do.
asio::awaitable<void> MailboxSync::resolve() {
  co_await apply_.resolve_intents(Side::Remote);
  co_await apply_.resolve_intents(Side::Local);
  co_await apply_.resolve_flags(look_.local, look_.remote);
  if (adopts_) co_await adopt(context_, mailbox_, look_);
  co_await forget_held();
}

asio::awaitable<bool> MailboxSync::apply(const Plan& plan) {
  const bool tried = !mailbox_.again.empty();
  const bool good = co_await apply_.run(plan, look_.local.state.uid_next, look_.remote.state.uid_next);
  if (apply_.found_strangers()) co_await forget_pairs();
  look_local_ = plan.changes(Side::Local) || tried;
  look_remote_ = plan.changes(Side::Remote) || tried;
  co_return good;
}

// A mark that a pass that was cut off has taken away is not taken for somebody's wish.
asio::awaitable<void> MailboxSync::put_back(Side side) {
  const bool moved = co_await apply_.resolve_set_aside(side);
  if (moved) co_await look_.look_anew(side);
}

// Those that are gone, or have a twin by now.
asio::awaitable<void> MailboxSync::forget_held() {
  store::StateBatch batch;
  std::erase_if(mailbox_.held, [&](const auto& entry) {
    const auto [side, uid] = entry.first;
    const auto& said = look_.on(side);
    const bool gone = said.vanished.contains(uid) ||
                      (said.complete && !said.unsure.contains(uid) &&
                       !std::ranges::binary_search(said.present, uid, {}, &Seen::uid)) ||
                      mailbox_.pairs.find(side, uid) != nullptr;
    if (gone) context_.journal.erase_held(batch, record_.number, side, uid);
    return gone;
  });
  co_await context_.workers.run([&] { context_.journal.commit(batch, false); });
}

// What one side lacks without a word may be what has come there under another UID: where files or a server's mail were
// put back, and what is known is of before. As AbsentMessages::add_twins().
void MailboxSync::add_twins_of_lost(const Plan& plan, imap::UidSet& here, imap::UidSet& there) const {
  const bool came_here = !here.empty(), came_there = !there.empty();
  if (plan.expunge_remote.empty() && plan.expunge_local.empty()) return;
  mailbox_.pairs.for_each([&](const Pair& pair) {
    const bool lost_here = plan.expunge_remote.contains(pair.remote) && !look_.local.said.contains(pair.local);
    const bool lost_there = plan.expunge_local.contains(pair.local) && !look_.remote.said.contains(pair.remote);
    if (came_here && lost_here) there.add(pair.remote);
    if (came_there && lost_there) here.add(pair.local);
  });
}

// What came to both sides since the last pass, or was sent there and not shown until now: the same message is not
// copied to where it is. So it is when what is known of the mailbox is older than it is (docs/sync.md).
asio::awaitable<bool> MailboxSync::pair_what_met(const Plan& plan) {
  auto here = plan.copy_from_local, there = plan.copy_from_remote;
  if (here.empty() && there.empty()) co_return false;
  add_twins_of_lost(plan, here, there);
  absent_.add_twins(here, there);
  for (const auto& [message, held] : mailbox_.held) (message.first == Side::Local ? here : there).add(message.second);
  const auto found = co_await same_messages(context_, mailbox_, std::move(here), std::move(there), Reading::Near);
  if (found.empty()) co_return false;
  store::StateBatch batch;
  const bool back = absent_.come_back(batch, found.pairs);
  found.put_dates(context_.journal, batch, record_);
  for (const auto& pair : found.pairs) {
    context_.journal.put_pair(batch, record_.number, pair);
    mailbox_.pairs.put(pair);
    for (const auto side : {Side::Local, Side::Remote})
      if (mailbox_.held.erase({side, pair.uid(side)}) > 0)
        context_.journal.erase_held(batch, record_.number, side, pair.uid(side));
  }
  context_.progress.counts.paired += found.size();
  co_await context_.workers.run([&] { context_.journal.commit(batch, true); });
  // Flags of messages that have come back were not told by the side that had them all the time.
  if (back) co_await look_.look_at_all();
  co_return true;
}

// What only this side has and must not have falls under the fuse too.
void MailboxSync::restrict(Plan& plan) {
  withheld_ = restrict_plan(plan, mailbox_.pairs, permits_);
  const auto discards = plan.discard_local.size();
  if (discards > 0 &&
      (!context_.keep || context_.removals.remote.fuse.is_blown_by(discards, discards + mailbox_.pairs.size()))) {
    plan.discard_local = {};
    left_over_ = true;
    context_.progress.held += discards;
    context_.progress.problems.push_back(
        record_.path.shown() + ": " + message_count(discards) +
        " that only this side has would be removed (mode = "
        "mirror), more than the fuse lets go; nothing is. `fuse-here = NO` lets them go, `mode = both` sends them");
  }
  note_withheld(context_.progress, record_.path, withheld_);
}

// What is said to be removed and leaves is noted; what is not copied yet is seen again, since the state stays.
asio::awaitable<void> MailboxSync::leave_what_moves(Plan& plan) {
  const auto leaving = context_.leaving.find(record_.path);
  look_.local.leaving = leaving == context_.leaving.end() ? imap::UidSet() : leaving->second;
  leaves_some_ = false;
  if (!context_.moved_since) co_return;
  const auto since = co_await context_.moved_since(record_.path);
  look_.local.leaving.add(since.originals);
  const auto copies = plan.copy_from_local.intersect(since.copies);
  plan.copy_from_local = plan.copy_from_local.minus(copies);
  leaves_some_ = !copies.empty();
}

void MailboxSync::consider_held(Plan& plan) {
  imap::UidSet held[2];
  for (const auto& [message, one] : mailbox_.held) {
    const auto [side, uid] = message;
    held[side == Side::Local ? 0 : 1].add(uid);
    if (first_ && context_.tries(one) && permits_.adds(other(side))) mailbox_.again.push_back(message);
  }
  if (!held[0].empty()) plan.copy_from_local = plan.copy_from_local.minus(held[0]);
  plan.discard_local = plan.discard_local.minus(held[0]);
  if (!held[1].empty()) plan.copy_from_remote = plan.copy_from_remote.minus(held[1]);
}

asio::awaitable<void> MailboxSync::remember() {
  const bool nothing_new = record_.local == look_.local.state && record_.remote == look_.remote.state;
  if (leaves_some_ || look_.in_doubt() || left_over_ || nothing_new) co_return;
  record_.local = look_.local.state;
  record_.remote = look_.remote.state;
  co_await write();
}

// What was agreed was agreed about other messages: the next pass sees this mailbox for the first time.
asio::awaitable<void> MailboxSync::forget_pairs() {
  context_.log.error("the server has other messages under UIDs that were paired; the mailbox is paired anew",
                     {{"mailbox", record_.path.shown()}});
  record_.local = record_.remote = {};
  co_await context_.workers.run([this] {
    store::StateBatch batch;
    for (const auto& [key, absence] : std::exchange(mailbox_.absences, {}))
      context_.journal.erase_absence(batch, record_.number, key.first, key.second);
    mailbox_.pairs.for_each([&](const Pair& pair) { context_.journal.erase_pair(batch, record_.number, pair.remote); });
    for (const auto side : {Side::Local, Side::Remote}) context_.journal.erase_set_aside(batch, record_.number, side);
    context_.journal.put_mailbox(batch, record_);
    context_.journal.commit(batch, true);
  });
}

asio::awaitable<void> MailboxSync::write() {
  co_await context_.workers.run([this] {
    store::StateBatch batch;
    context_.journal.put_mailbox(batch, record_);
    context_.journal.commit(batch, false);
  });
}

asio::awaitable<bool> sync_mailbox(PassContext& context, MailboxRecord& record, ReplicaMailbox& local,
                                   ReplicaMailbox& remote) {
  MailboxSync work(context, record, local, remote);
  co_return co_await work.run();
}

}  // namespace mirror
