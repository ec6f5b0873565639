// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "sync/pass/apply/apply.h"

#include "proto/base/clock.h"

namespace mirror {

namespace {

std::vector<imap::FlagSet> one_by_one(const imap::FlagSet& flags) {
  std::vector<imap::FlagSet> out;
  for (const auto& row : imap::kFlagTable)
    if (flags.has(row.flag)) out.push_back({row.flag});
  for (const auto& keyword : flags.keywords()) out.emplace_back().add(keyword);
  return out;
}

// By UIDs there: what a client has moved away here before it got the flags. What was agreed before goes with it.
asio::awaitable<imap::UidSet> gone_meanwhile(const MailboxPair& mailbox, const std::vector<Agreed>& agreed) {
  imap::UidSet out, here;
  if (agreed.empty() || !mailbox.local->commits_state()) co_return out;
  for (const auto& one : agreed)
    if (const auto* pair = mailbox.pairs.find(Side::Remote, one.remote)) here.add(pair->local);
  const auto present = co_await mailbox.local->present(here);
  here.minus(present.there).for_each([&](imap::Uid uid) { out.add(mailbox.pairs.find(Side::Local, uid)->remote); });
  co_return out;
}

}  // namespace

asio::awaitable<bool> Apply::run(const Plan& plan, imap::Uid local_uid_next, imap::Uid remote_uid_next) {
  good_ = true;
  uid_next_[0] = local_uid_next;
  uid_next_[1] = remote_uid_next;
  co_await merge_flags(plan);
  co_await copy(plan.copy_from_remote, Side::Remote);
  co_await copy(plan.copy_from_local, Side::Local);
  co_await commit(std::exchange(held_, {}), true);
  const bool good_so_far = std::exchange(good_, true);
  co_await expunge(plan.expunge_local, Side::Local);
  co_await expunge(plan.expunge_remote, Side::Remote);
  co_await discard(plan.discard_local);
  if (good_ && !plan.forget.empty()) {
    store::StateBatch batch;
    for (const auto remote : plan.forget) {
      forget_absence(batch, remote);
      mailbox_.pairs.erase_remote(remote);
      context_.journal.erase_pair(batch, mailbox_.record.number, remote);
    }
    co_await commit(std::move(batch), false);
  }
  good_ = good_ && good_so_far;
  co_await try_held_again();
  co_await remarks_.tell(*mailbox_.local);
  co_return good_;
}

void Apply::forget_absence(store::StateBatch& batch, imap::Uid remote) {
  const auto* pair = mailbox_.pairs.find(Side::Remote, remote);
  if (pair == nullptr) return;
  for (const auto side : {Side::Local, Side::Remote})
    if (mailbox_.absences.erase({side, pair->uid(side)}) > 0)
      context_.journal.erase_absence(batch, mailbox_.record.number, side, pair->uid(side));
}

// The changes are in the journal before they are made. Else, were the process to end before what was agreed is written,
// a flag that its user takes back meanwhile would look like one that the other side has set.
asio::awaitable<void> Apply::merge_flags(const Plan& plan) {
  const auto number = mailbox_.record.number;
  store::StateBatch begun, agreed;
  context_.journal.put_flag_intents(begun, number, plan.flags);
  co_await commit(std::move(begun), true);
  for (const auto& action : plan.flags) co_await change_flags(action);
  if (!good_) co_return;
  const auto gone = co_await gone_meanwhile(mailbox_, plan.agreed);
  for (const auto& one : plan.agreed) {
    if (gone.contains(one.remote)) continue;
    mailbox_.pairs.set_flags_by_remote(one.remote, one.flags);
    if (const auto* pair = mailbox_.pairs.find(Side::Remote, one.remote))
      context_.journal.put_pair(agreed, number, *pair);
  }
  context_.journal.erase_flag_intents(agreed, number, plan.flags.size());
  co_await commit(std::move(agreed), plan.flags.empty());
}

// Where several together are refused, each is tried by itself: one that the server dislikes holds back no other.
asio::awaitable<void> Apply::change_flags(const FlagAction& action) {
  const auto done = co_await mailbox_.on(action.side).change_flags(action.uids, action.change, action.flags);
  if (done) {
    if (action.side == Side::Remote)  // what changes here the store tells itself
      remarks_.add(pairs_among(mailbox_.pairs, Side::Remote, action.uids),
                   (action.change == imap::FlagChange::Add ? "flags set on " : "flags taken away on ") +
                       context_.names.remote + ": " + action.flags.to_string());
    auto& counts = context_.progress.counts;
    (action.side == Side::Local ? counts.flagged_local : counts.flagged_remote) += action.uids.size();
    context_.progress.touched.insert(mailbox_.record.path.shown());
    context_.progress.tick();
    co_return;
  }
  const auto parts = one_by_one(action.flags);
  if (parts.size() < 2) {
    refused("the flag " + action.flags.to_string() + " cannot be changed on the " + name_of(action.side) + " side",
            done.error());
    co_return;
  }
  for (const auto& flags : parts) co_await change_flags({action.side, action.change, flags, action.uids});
}

asio::awaitable<void> Apply::commit(store::StateBatch batch, bool durable) {
  if (!batch.writes.empty()) co_await context_.workers.run([&] { context_.journal.commit(batch, durable); });
  co_await remarks_.tell(*mailbox_.local);
}

void Apply::refused(const std::string& what, const base::Refusal& refusal) {
  good_ = false;
  auto text = mailbox_.record.path.shown() + ": " + what + ": " + refusal.text;
  context_.progress.problems.push_back(std::move(text));
  context_.progress.tick();
}

}  // namespace mirror
