// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// How messages are copied:
// 1. The source streams; messages are gathered into batches. While one batch is appended, the next is gathered.
// 2. A destination that commits state (the store) writes message and pair in one step.
// 3. Any other gets an intent in the journal first, durably: the message's digest and the UIDNEXT before. The answer's
//    UIDs and the intent's end are one write. Where the answer never came, the message is looked for among what has
//    arrived since, by size and digest, before anything is planned: so it is neither lost nor doubled.
// 4. A batch that is refused is tried again message by message, so that one bad message stops no other. That one is
//    held: remembered by itself.
#include <asio/this_coro.hpp>

#include <algorithm>

#include "proto/mail/digest.h"
#include "proto/mail/message_id.h"
#include "sync/message_mark.h"
#include "sync/message_name.h"
#include "sync/pass/apply/apply.h"

namespace mirror {

namespace {

constexpr std::size_t kBatchOctets = 8 * 1024 * 1024;
constexpr std::size_t kIntentBatchOctets = 4 * 1024 * 1024;

bool is_connection_failure(const std::exception_ptr& error) {
  try {
    std::rethrow_exception(error);
  } catch (const MailboxFailure&) {
    return false;
  } catch (const Failure& failure) {
    return failure.reason == base::Reason::ConnectionLost;
  } catch (...) {
    return false;
  }
}

}  // namespace

asio::awaitable<void> Apply::copy(const imap::UidSet& uids, Side from) {
  if (uids.empty()) co_return;
  const auto to = other(from);
  context_.progress.to_copy += uids.size();
  context_.progress.mailbox = mailbox_.record.path.shown();
  context_.progress.tick();
  if (may_send(to) == OverQuota::Ask::None) co_return on_no_room(to, "");
  Copying copying{.from = from, .executor = co_await asio::this_coro::executor};
  copying.largest = co_await mailbox_.on(to).largest_message();
  std::exception_ptr error;
  try {
    co_await stream(uids, copying);
  } catch (...) {
    error = std::current_exception();
  }
  try {
    co_await copying.appending.join();
    // What has arrived whole is kept, whatever cut off the rest.
    if (error && copying.reading && !copying.batch.empty()) co_await append(std::move(copying.batch), to);
  } catch (...) {
    if (!error) error = std::current_exception();
  }
  kept(in_hand_);  // what was refused
  if (error) {
    blame(uids, copying, is_connection_failure(error));
    co_await commit(std::exchange(held_, {}), true);
    std::rethrow_exception(error);
  }
  if (!full_) co_await hold_back(uids.minus(copying.received), copying.source->withheld(), from);
}

// Gathers what arrives into batches; while one is appended, the next is gathered.
asio::awaitable<void> Apply::stream(const imap::UidSet& uids, Copying& copying) {
  const auto to = other(copying.from);
  const auto octets = mailbox_.on(to).commits_state() ? kBatchOctets : kIntentBatchOctets;
  if (has_broken_at_a_message(copying.from)) mailbox_.on(copying.from).fetch_texts_at_once();
  copying.source = co_await mailbox_.on(copying.from).fetch(uids);
  std::uint64_t size = 0;
  for (;;) {
    auto message = co_await copying.source->next();
    if (message) {
      message->flags = mailbox_.on(to).kept(message->flags);
      copying.received.add(message->uid);
      if (is_too_large(*message, copying.largest, copying.from)) continue;
      size += message->data.size();
      copying.batch.push_back(std::move(*message));
      if (to == Side::Local) came();
      const auto most = may_send(to) == OverQuota::Ask::All ? mailbox_.on(to).append_limit() : 1;
      if (copying.batch.size() < most && size < octets) continue;
    }
    copying.reading = false;
    co_await copying.appending.join();
    if (full_) break;
    copying.reading = true;
    if (!copying.batch.empty()) copying.appending.start(copying.executor, append(std::exchange(copying.batch, {}), to));
    size = 0;
    if (!message) break;
  }
}

// To a person it is copied: the slow part is over.
void Apply::came() {
  ++in_hand_;
  ++context_.progress.in_hand;
  context_.progress.mailbox = mailbox_.record.path.shown();
  context_.progress.tick();
}

void Apply::kept(std::uint64_t messages) {
  const auto those = std::min(messages, in_hand_);
  in_hand_ -= those;
  context_.progress.in_hand -= those;
}

// Where nothing is given at all, no message is to blame. At which the connection breaks, is asked for by itself next
// time, over another one; only then it pauses.
void Apply::blame(const imap::UidSet& uids, const Copying& copying, bool connection_lost) {
  const auto from = copying.from;
  if (copying.reading && !copying.received.empty() && copying.source)
    copying.source->refused().for_each(
        [&](imap::Uid uid) { hold(from, uid, Held::Kind::Refused, "it cannot be read"); });
  if (copying.source)
    for (const auto& [uid, why] : copying.source->withheld()) hold(from, uid, Held::Kind::Refused, why);
  if (copying.reading && copying.received.empty() && connection_lost)
    suspect(from, imap::Uid(uids.ranges().front().first));
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
  auto arriving = to == Side::Local ? context_.progress.arrivals.read(batch) : std::vector<Arrival>();
  const auto uids = co_await mailbox_.on(to).append(batch, record);
  if (uids) {
    copied(batch, pairs, to);
    arrived(std::move(arriving), pairs, to);
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
  auto arriving = to == Side::Local ? context_.progress.arrivals.read(batch) : std::vector<Arrival>();
  auto uids = co_await mailbox_.on(to).append(batch, {});
  // Those of other messages are none: of what was there before, or of what was sent before.
  const auto is_of_another = [&](imap::Uid uid) { return uid < floor || mailbox_.pairs.find(to, uid) != nullptr; };
  if (uids && std::ranges::any_of(*uids, is_of_another)) uids->clear();
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
    arrived(std::move(arriving), pairs, to);
    co_return true;
  }
  if (uids.error().reason == base::Reason::Limit)
    throw Failure(base::Reason::Failed, context_.names.of(to) + " takes no messages for a while: " + uids.error().text);
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
  if (to == Side::Local) kept(batch.size());
  (to == Side::Local ? counts.copied_to_local : counts.copied_to_remote) += batch.size();
  remarks_.add(pairs, (to == Side::Local ? "fetched from " : "sent to ") + context_.names.remote);
  context_.progress.mailbox = mailbox_.record.path.shown();
  context_.progress.touched.insert(context_.progress.mailbox);
  context_.progress.tick();
}

void Apply::arrived(std::vector<Arrival> arriving, const std::vector<Pair>& pairs, Side to) {
  if (to != Side::Local || !context_.progress.arrivals.wanted()) return;
  std::vector<imap::Uid> uids;
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    uids.push_back(pairs[i].local);
    if (i < arriving.size()) arriving[i].mark = pairs[i].mark;
  }
  context_.progress.arrivals.add(mailbox_.record.path, std::move(arriving), uids);
}

}  // namespace mirror
