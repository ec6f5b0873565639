// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "sync/pass/plan_pass.h"

#include <algorithm>

#include "sync/pass/mailbox_queue.h"
#include "sync/pass/mailbox_sync.h"
#include "sync/pass/mailboxes/carry_renames.h"
#include "sync/pass/mailboxes/mailbox_changes.h"
#include "sync/pass/mailboxes/mailbox_list.h"
#include "sync/pass/mailboxes/renamed_mailboxes.h"
#include "sync/pass/moves/planned_moves.h"
#include "sync/pass/pairing/strangers.h"

namespace mirror {

namespace {

imap::UidSet all_uids() { return imap::UidSet::between(imap::Uid(1), imap::Uid(0xffffffffu)); }

asio::awaitable<void> count_copies(MailboxPlan::OfSide& to, ReplicaMailbox& from, imap::UidSet uids) {
  if (uids.empty()) co_return;
  const auto messages = co_await from.identities(std::move(uids));
  for (const auto& one : messages) {
    ++to.messages;
    to.octets += one.size;
  }
}

class Planner {
 public:
  Planner(MailboxList& list, PassPlan& plan) : list_(list), plan_(plan), moves_(list) {}

  asio::awaitable<void> run() {
    if (auto* witness = find_witness(list_.candidates)) {
      const bool goes_on = co_await ask(*witness);
      if (!goes_on) co_return;
    }
    MailboxQueue queue(list_);
    for (auto& candidate : list_.candidates) {
      const bool on_both = is_there(candidate.local) && is_there(candidate.remote);
      if (list_.renamed.contains(candidate.path) && on_both)
        co_await plan_lost(candidate, has_left(candidate, Side::Local) ? Side::Local : Side::Remote);
      else if (list_.new_names.contains(candidate.path))
        continue;
      else if (on_both)
        queue.add(candidate);
      else
        co_await plan_missing(candidate);
    }
    for (const auto& one : list_.renamed_twice) {
      MailboxPlan out{.path = one.here};
      out.on(Side::Local).renamed_to = one.there.shown();
      plan_.mailboxes.push_back(std::move(out));
    }
    co_await moves_.find(queue.to_do());
    for (auto* candidate : queue.to_do()) {
      try {
        co_await plan_messages(*candidate);
      } catch (const MailboxFailure& failure) {
        list_.problem(candidate->path, failure.what());
      }
    }
  }

 private:
  // As MailboxQueue::ask() does.
  asio::awaitable<bool> ask(Candidate& witness) {
    MailboxQueue queue(list_);
    queue.add(witness);
    witness.is_witness = true;
    try {
      co_await plan_messages(witness);
    } catch (const StrangersFailure& failure) {
      list_.problem(witness.path, failure.what() + std::string("; ") + kOthersWait);
      co_return false;
    } catch (const MailboxFailure& failure) {
      list_.problem(witness.path, failure.what());
    }
    co_return true;
  }

  asio::awaitable<void> plan_missing(Candidate& candidate) {
    const auto lost = is_there(candidate.local) ? Side::Remote : Side::Local;
    const auto permits = list_.context.permits_of(candidate.path);
    if (candidate.record && candidate.record->local.uid_validity && !comes_again(list_, candidate)) {
      co_await plan_lost(candidate, lost);
      co_return;
    }
    if (!permits.adds(lost)) {
      list_.context.progress.notes.push_back(candidate.path.shown() + ": is not made on " +
                                             list_.on(lost).description());
      co_return;
    }
    MailboxPlan out{.path = candidate.path};
    out.on(lost).is_made = true;
    const auto opened = co_await list_.on(other(lost)).open(candidate.path, Effort::Little);
    if (!opened) {
      list_.problem(candidate.path, opened.error().text);
      co_return;
    }
    const auto seen = co_await (*opened)->changes({}, {});
    if (!seen.present.empty()) co_await count_copies(out.on(lost), **opened, all_uids());
    plan_.mailboxes.push_back(std::move(out));
  }

  // It was on both sides: renamed, deleted, or only gone.
  asio::awaitable<void> plan_lost(Candidate& candidate, Side lost) {
    MailboxPlan out{.path = candidate.path};
    const auto at = list_.renamed.find(candidate.path);
    bool renamed = at != list_.renamed.end() && list_.context.permits_of(candidate.path).adds(other(lost));
    if (renamed)
      renamed = co_await is_the_same_mailbox(list_.context, list_.on(lost), lost, *candidate.record, at->second);
    if (renamed) {
      out.on(other(lost)).renamed_to = at->second.shown();
    } else {
      out.on(other(lost)).is_deleted = co_await is_deletion_to_be_carried(list_, candidate, lost);
      if (!out.on(other(lost)).is_deleted) {
        const auto* new_path = at == list_.renamed.end() ? nullptr : &at->second;
        list_.problem(candidate.path, missing_sentence(candidate.path, new_path, list_.on(lost).description()));
        co_return;
      }
    }
    plan_.mailboxes.push_back(std::move(out));
  }

  asio::awaitable<void> plan_messages(Candidate& candidate) {
    const auto remote = co_await list_.remote.open(candidate.path, Effort::Little);
    const auto local = co_await list_.local.open(candidate.path, Effort::Little);
    if (!remote || !local) {
      list_.problem(candidate.path, (remote ? local.error() : remote.error()).text);
      co_return;
    }
    auto& progress = list_.context.progress;
    const auto paired = progress.counts.paired, held = progress.held, waiting = progress.waiting;
    MailboxSync work(list_.context, *candidate.record, **local, **remote);
    co_await work.begin();
    auto plan = co_await work.plan();
    moves_.take_out(candidate.path, plan);
    work.absent().report();
    MailboxPlan out{.path = candidate.path};
    out.paired = progress.counts.paired - paired;
    out.held = progress.held - held;
    out.waiting = progress.waiting - waiting;
    co_await count_copies(out.local, **remote, plan.copy_from_remote);
    co_await count_copies(out.remote, **local, plan.copy_from_local);
    out.local.removals = plan.expunge_local.size() + plan.discard_local.size();
    out.remote.removals = plan.expunge_remote.size();
    for (const auto& action : plan.flags) out.on(action.side).flags += action.uids.size();
    for (const auto side : {Side::Local, Side::Remote}) {
      const auto into = moves_.into(candidate.path, side);
      out.on(side).moves = into.moves;
      out.on(side).copies = into.copies;
    }
    if (out.any()) plan_.mailboxes.push_back(std::move(out));
  }

  MailboxList& list_;
  PassPlan& plan_;
  PlannedMoves moves_;
};

}  // namespace

bool PassPlan::changes(Side side) const {
  return std::ranges::any_of(
      mailboxes, [&](const MailboxPlan& one) { return (side == Side::Local ? one.local : one.remote).any(); });
}

asio::awaitable<PassPlan> plan_pass(PassContext& context, Replica& local, Replica& remote, const Scope& scope) {
  context.names = {local.description(), remote.description()};
  PassPlan out;
  MailboxList list(context, local, remote, scope);
  co_await list.read_journal();
  co_await list.look();
  list.report_left_out();
  list.count_losses();
  co_await forget_gone(list);
  Planner planner(list, out);
  co_await planner.run();
  out.problems = context.progress.problems;
  out.notes = context.progress.notes;
  co_return out;
}

}  // namespace mirror
