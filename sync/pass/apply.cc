// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// How messages are copied:
// 1. The source streams; messages are gathered into batches. While one batch is appended, the next is gathered.
// 2. A destination that commits state (the store) writes message and pair in one step.
// 3. Any other gets an intent in the journal first, durably: the message's digest and the UIDNEXT before. The answer's
//    UIDs and the intent's end are one write. Where the answer never came, the message is looked for among what has
//    arrived since, by size and digest, before anything is planned: so it is neither lost nor doubled.
// 4. A batch that is refused is tried again message by message, so that one bad message stops no other. That one is
// held:
//    remembered by itself.
#include "sync/pass/apply.h"

#include <asio/this_coro.hpp>

#include <algorithm>

#include "proto/base/clock.h"
#include "proto/mail/digest.h"
#include "proto/mail/message_id.h"
#include "sync/message_name.h"
#include "sync/pass/message_mark.h"
#include "sync/started.h"

namespace mirror {

namespace {

constexpr std::size_t kBatchOctets = 8 * 1024 * 1024;
constexpr std::size_t kIntentBatchOctets = 4 * 1024 * 1024;

std::vector<imap::FlagSet> one_by_one(const imap::FlagSet& flags) {
  std::vector<imap::FlagSet> out;
  for (const auto& row : imap::kFlagTable)
    if (flags.has(row.flag)) out.push_back({row.flag});
  for (const auto& keyword : flags.keywords()) out.emplace_back().add(keyword);
  return out;
}

std::string shown(const imap::FlagSet& flags) {
  std::string out;
  for (const auto& row : imap::kFlagTable)
    if (flags.has(row.flag)) out += (out.empty() ? "" : " ") + std::string(row.name);
  for (const auto& keyword : flags.keywords()) out += (out.empty() ? "" : " ") + keyword;
  return out;
}

bool is_connection_failure(const std::exception_ptr& error) {
  try {
    std::rethrow_exception(error);
  } catch (const MailboxFailure&) {
    return false;
  } catch (const Failure& failure) {
    return failure.reason == base::Reason::Failed;
  } catch (...) {
    return false;
  }
}

imap::Uid first_of(const imap::UidSet& uids) { return imap::Uid(uids.ranges().front().first); }

}  // namespace

bool PassContext::tries(const Held& held) const {
  return held.kind == Held::Kind::Refused && (tries_all_held || held.next_try <= base::unix_now());
}

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
  for (const auto& one : plan.agreed) {
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
    auto& counts = context_.progress.counts;
    (action.side == Side::Local ? counts.flagged_local : counts.flagged_remote) += action.uids.size();
    context_.progress.tick();
    co_return;
  }
  const auto parts = one_by_one(action.flags);
  if (parts.size() < 2) {
    refused("the flag " + shown(action.flags) + " cannot be changed on the " + name_of(action.side) + " side",
            done.error());
    co_return;
  }
  for (const auto& flags : parts) co_await change_flags({action.side, action.change, flags, action.uids});
}

asio::awaitable<void> Apply::copy(const imap::UidSet& uids, Side from) {
  if (uids.empty()) co_return;
  const auto to = other(from);
  context_.progress.to_copy += uids.size();
  context_.progress.tick();
  if (may_send(to) == OverQuota::Ask::None) co_return on_no_room(to, "");
  const auto largest = co_await mailbox_.on(to).largest_message();
  const auto octets = mailbox_.on(to).commits_state() ? kBatchOctets : kIntentBatchOctets;
  const auto executor = co_await asio::this_coro::executor;
  Started appending;
  imap::UidSet received;
  std::exception_ptr error;
  Batch batch;
  bool reading = true;  // the fault, if there is one, is the source's
  std::unique_ptr<MessageStream> stream;
  try {
    if (has_broken_at_a_message(from)) mailbox_.on(from).fetch_texts_at_once();
    stream = co_await mailbox_.on(from).fetch(uids);
    std::uint64_t size = 0;
    for (;;) {
      auto message = co_await stream->next();
      if (message) {
        message->flags = mailbox_.on(to).kept(message->flags);
        received.add(message->uid);
        if (is_too_large(*message, largest, from)) continue;
        size += message->data.size();
        batch.push_back(std::move(*message));
        const auto most = may_send(to) == OverQuota::Ask::All ? mailbox_.on(to).append_limit() : 1;
        if (batch.size() < most && size < octets) continue;
      }
      reading = false;
      co_await appending.join();
      if (full_) break;
      reading = true;
      if (!batch.empty()) appending.start(executor, append(std::exchange(batch, {}), to));
      size = 0;
      if (!message) break;
    }
  } catch (...) {
    error = std::current_exception();
  }
  try {
    co_await appending.join();
    // What has arrived whole is kept, whatever cut off the rest.
    if (error && reading && !batch.empty()) co_await append(std::move(batch), to);
  } catch (...) {
    if (!error) error = std::current_exception();
  }
  if (error) {
    // Where nothing is given at all, no message is to blame. At which the connection breaks, is asked for by itself
    // next time, over another one; only then it pauses.
    if (reading && !received.empty() && stream)
      stream->refused().for_each([&](imap::Uid uid) { hold(from, uid, Held::Kind::Refused, "it cannot be read"); });
    if (stream)
      for (const auto& [uid, why] : stream->withheld()) hold(from, uid, Held::Kind::Refused, why);
    if (reading && received.empty() && is_connection_failure(error)) suspect(from, first_of(uids));
    co_await commit(std::exchange(held_, {}), true);
    std::rethrow_exception(error);
  }
  if (!full_) co_await hold_back(uids.minus(received), stream->withheld(), from);
}

asio::awaitable<void> Apply::append(Batch batch, Side to) {
  if (mailbox_.on(to).commits_state())
    co_await append_recording(std::move(batch), to);
  else
    co_await append_with_intent(std::move(batch), to);
}

asio::awaitable<void> Apply::append_recording(Batch batch, Side to) {
  std::vector<Pair> pairs;
  const store::AtCommit record = [&](std::span<const imap::Uid> uids, store::StateBatch& writes) {
    pairs = pairs_of(batch, uids, to);
    for (const auto& pair : pairs) context_.journal.put_pair(writes, mailbox_.record.number, pair);
  };
  const auto uids = co_await mailbox_.on(to).append(batch, record);
  if (uids) {
    copied(batch, pairs, to);
    co_return;
  }
  if (uids.error().reason == base::Reason::NoSpace) throw Failure(base::Reason::NoSpace, uids.error().text);
  if (batch.size() == 1) {
    hold(other(to), batch.front().uid, Held::Kind::Refused, uids.error().text);
    co_return;
  }
  for (auto& message : batch) {
    Batch one;
    one.push_back(std::move(message));
    co_await append_recording(std::move(one), to);
  }
}

asio::awaitable<void> Apply::append_with_intent(Batch batch, Side to) {
  if (full_) co_return;
  const bool taken = co_await try_append_with_intent(batch, to);
  if (taken || batch.size() == 1) co_return;
  for (auto& message : batch) {
    if (full_) co_return;
    Batch one;
    one.push_back(std::move(message));
    co_await try_append_with_intent(one, to);
  }
}

// False: refused, and nothing of the batch is there.
asio::awaitable<bool> Apply::try_append_with_intent(Batch& batch, Side to) {
  auto& journal = context_.journal;
  const auto number = mailbox_.record.number;
  const auto floor = uid_next_[to == Side::Local ? 0 : 1];
  auto writes = co_await context_.workers.run([&] {
    store::StateBatch out;
    for (const auto& message : batch) {
      const auto digest = mail::digest_of(message.data);
      journal.put_intent(out, number, Intent{to, message.uid, floor, digest.size, digest.sha256, message.flags});
    }
    return out;
  });
  co_await commit(std::move(writes), true);
  const auto uids = co_await mailbox_.on(to).append(batch, {});
  if (uids && context_.over_quota != nullptr) context_.over_quota->taken();
  if (uids && uids->size() != batch.size()) co_return co_await find_taken(batch, to);
  store::StateBatch outcome;
  std::vector<Pair> pairs;
  if (uids) pairs = co_await context_.workers.run([&] { return pairs_of(batch, *uids, to); });
  for (const auto& message : batch) journal.erase_intent(outcome, number, to, message.uid);
  for (const auto& pair : pairs) journal.put_pair(outcome, number, pair);
  co_await commit(std::move(outcome), false);
  if (uids) {
    copied(batch, pairs, to);
    co_return true;
  }
  if (batch.size() > 1) co_return false;
  co_return co_await is_taken_otherwise(batch, to, uids.error());
}

// A message by itself that was refused. It is not given up for a keyword that the server dislikes.
asio::awaitable<bool> Apply::is_taken_otherwise(Batch& batch, Side to, base::Refusal why) {
  auto& message = batch.front();
  if (why.reason == base::Reason::Failed && !message.flags.keywords().empty()) {
    imap::FlagSet without_keywords;
    without_keywords.set_system_bits(message.flags.system_bits());
    message.flags = without_keywords;
    const bool taken = co_await try_append_with_intent(batch, to);
    // The next pass sees what it lacks.
    if (taken) {
      const auto name = message_name(mail::header_of(message.data), message.internal_date);
      refused(name + " was copied to " + context_.names.of(to) + " without its keywords", why);
    }
    co_return taken;
  }
  full_ = why.reason == base::Reason::NoSpace;
  if (full_)
    on_no_room(to, why.text);
  else
    hold(other(to), message.uid, Held::Kind::Refused, why.text);
  co_return false;
}

std::vector<Pair> Apply::pairs_of(const Batch& batch, std::span<const imap::Uid> uids, Side to) {
  std::vector<Pair> out;
  for (std::size_t i = 0; i < batch.size() && i < uids.size(); ++i) {
    out.push_back(pair_towards(to, batch[i].uid, uids[i], batch[i].flags));
    out.back().mark = mark_of_text(batch[i].data);
  }
  return out;
}

void Apply::copied(const Batch& batch, const std::vector<Pair>& pairs, Side to) {
  auto& counts = context_.progress.counts;
  for (std::size_t i = 0; i < batch.size() && i < pairs.size(); ++i) {
    mailbox_.pairs.put(pairs[i]);
    release(other(to), batch[i].uid);
    counts.octets += batch[i].data.size();
  }
  (to == Side::Local ? counts.copied_to_local : counts.copied_to_remote) += batch.size();
  context_.progress.tick();
}

asio::awaitable<void> Apply::commit(store::StateBatch batch, bool durable) {
  if (batch.writes.empty()) co_return;
  co_await context_.workers.run([&] { context_.journal.commit(batch, durable); });
}

void Apply::refused(const std::string& what, const base::Refusal& refusal) {
  good_ = false;
  auto text = mailbox_.record.path.shown() + ": " + what + ": " + refusal.text;
  context_.progress.problems.push_back(std::move(text));
  context_.progress.tick();
}

}  // namespace mirror
