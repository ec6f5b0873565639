// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// How it goes, for the messages that go from one mailbox to another:
// 0. What another client has copied there too, or moved, is only paired.
// 1. The server is asked what they are: those that are not what was paired stay where they are.
// 2. What is begun is in the journal, durably: messages that will be looked for in the destination, by Message-ID and
//    date, should the answer never come (Apply::resolve_intents).
// 3. UID MOVE, or UID COPY where there is no MOVE. Where there is no room for all of them, fewer are asked for; where
//    there is none for one, no text is sent into that mailbox either in this pass.
// 4. The destination is asked which messages it has from its UIDNEXT on. Where these are the very ones that COPYUID
//    names, in the order of their originals, it is believed; else they are told by what they are.
// 5. What was proven to be there is paired, with the flags that both sides last agreed on, so that what has changed
//    since is merged; without those that the server has not copied. Nothing is written about the source: what is gone
//    on both sides is forgotten when it is synchronised, and what was only copied is expunged there then, under the
//    usual rules.
// Whatever fails is left to the synchronisation of the two mailboxes, as if nobody had noted the copy.
#include "sync/pass/moves/carry_copies.h"

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <tuple>

#include "sync/message_mark.h"
#include "sync/moved_files.h"
#include "sync/pass/context/moved_mark.h"
#include "sync/pass/context/remarks.h"
#include "sync/pass/moves/copies_there.h"
#include "sync/pass/moves/met_there.h"
#include "sync/told_copies.h"

namespace mirror {

namespace {

// A message that is what was paired, and its copy here.
struct Ready {
  CopyThere wanted;
  Identity there;
  imap::FlagSet flags_here;
};

std::vector<Identity> originals_of(const std::vector<Ready>& ready) {
  std::vector<Identity> out;
  for (const auto& one : ready) out.push_back(one.there);
  return out;
}

class CopyCarrier {
 public:
  using Group = std::vector<CopyThere>;

  explicit CopyCarrier(MailboxList& list) : list_(list), context_(list.context), met_(list) {}

  asio::awaitable<void> carry(Group group) {
    source_ = find(group.front().mailbox);
    into_ = find(group.front().copy.mailbox);
    if (source_ == nullptr || into_ == nullptr) co_return;
    if (group.front().stays()) co_return co_await pair_again(group);
    const auto met = co_await met_.take(*into_, group);
    note_arrived(met);
    if (group.empty()) co_return;
    auto opened = co_await list_.remote.open(source_->path, Effort::Little);
    if (!opened) co_return;
    const auto validity = co_await (*opened)->enter();
    if (!(validity == source_->record->remote.uid_validity)) co_return;
    auto ready = co_await confirm(std::move(group), **opened);
    if (ready.empty()) co_return;
    moves_ = ready.front().wanted.manner == Manner::Move && (*opened)->can_move();
    auto done = co_await attempt(ready, std::move(*opened));
    if (done == Attempt::Made && !moves_ && context_.over_quota != nullptr) context_.over_quota->taken();
    while (done == Attempt::Full && ready.size() > 1) {
      ready.resize(ready.size() / 2);
      auto again = co_await list_.remote.open(source_->path, Effort::Little);
      if (!again) co_return;
      const auto as_before = co_await (*again)->enter();
      if (!(as_before == validity)) co_return;
      done = co_await attempt(ready, std::move(*again));
    }
  }

  const Arrived& arrived() const { return arrived_; }

 private:
  void note_arrived(const std::vector<Pair>& pairs) {
    for (const auto& one : pairs) arrived_.insert_or_assign({into_->path, one.local}, one);
  }

  enum class Attempt : std::uint8_t { Made, Refused, Full };

  // Steps 2 to 5. Full: nothing was done, for want of room.
  asio::awaitable<Attempt> attempt(const std::vector<Ready>& ready, std::unique_ptr<ReplicaMailbox> source) {
    co_await begin(ready);
    imap::UidSet originals;
    for (const auto& one : ready) originals.add(one.there.uid);
    const auto manner = moves_ ? Manner::Move : Manner::Copy;
    const auto outcome = co_await source->copy_to(originals, into_->path, manner, {});
    source.reset();  // the connection may be the only one
    if (manner == Manner::Copy) co_await take_back(ready, outcome.done);
    std::optional<imap::UidSet> made = imap::UidSet();
    if (!outcome.done.empty() || moves_) made = co_await settle(ready, outcome);
    if (!outcome.refusal) co_return Attempt::Made;
    // What a MOVE that is refused has not moved can be tried again: where there is MOVE, all is shown at once.
    if (moves_ && made) co_await take_back(ready, *made);
    context_.log.info("is not copied there", {{"mailbox", into_->path.shown()}, {"why", outcome.refusal->text}});
    const bool full = outcome.refusal->reason == base::Reason::NoSpace;
    if (full && context_.over_quota != nullptr) context_.over_quota->refused({Side::Remote, into_->record->number});
    co_return full&& made && made->empty() ? Attempt::Full : Attempt::Refused;
  }

  Candidate* find(const MailboxPath& path) {
    const auto at = std::ranges::find(list_.candidates, path, &Candidate::path);
    return at == list_.candidates.end() || at->record == nullptr ? nullptr : &*at;
  }

  asio::awaitable<void> commit(store::StateBatch batch, bool durable) {
    if (batch.writes.empty()) co_return;
    co_await context_.workers.run([&] { context_.journal.commit(batch, durable); });
  }

  // Step 1.
  asio::awaitable<std::vector<Ready>> confirm(Group group, ReplicaMailbox& source) {
    imap::UidSet copies, originals;
    for (const auto& one : group) {
      copies.add(one.copy.uid);
      originals.add(one.original.remote);
    }
    std::map<imap::Uid, Identity> here, there;
    const auto opened = co_await list_.local.open(into_->path, Effort::Little);
    if (!opened) co_return std::vector<Ready>();
    for (auto& one : co_await (*opened)->identities(copies)) here.emplace(one.uid, std::move(one));
    for (auto& one : co_await source.identities(originals)) there.emplace(one.uid, std::move(one));
    std::vector<Ready> out;
    for (auto& one : group) {
      const auto copy = here.find(one.copy.uid);
      const auto original = there.find(one.original.remote);
      if (copy == here.end() || original == there.end()) continue;
      if (!is_original_of(one, original->second, copy->second)) continue;
      out.push_back({std::move(one), original->second, copy->second.flags});
    }
    co_return out;
  }

  imap::Uid floor() {
    const auto at = floors_.find(into_->path);
    if (at != floors_.end()) return at->second;
    return into_->remote->state ? into_->remote->state->uid_next : imap::Uid(1);
  }

  // Step 2. There is no digest: the texts are not read.
  asio::awaitable<void> begin(const std::vector<Ready>& ready) {
    store::StateBatch batch;
    for (const auto& one : ready)
      context_.journal.put_intent(
          batch, into_->record->number,
          {Side::Remote, one.wanted.copy.uid, floor(), 0,
           digest_of({mark_of(one.there.message_id), one.there.internal_date}), one.wanted.original.flags});
    co_await commit(std::move(batch), true);
  }

  // A COPY that is refused has done nothing. done: by originals.
  asio::awaitable<void> take_back(const std::vector<Ready>& ready, const imap::UidSet& done) {
    store::StateBatch batch;
    for (const auto& one : ready)
      if (!done.contains(one.there.uid))
        context_.journal.erase_intent(batch, into_->record->number, Side::Remote, one.wanted.copy.uid);
    co_await commit(std::move(batch), false);
  }

  // Steps 4 and 5. The originals whose copies are there; nullopt: that is not known.
  asio::awaitable<std::optional<imap::UidSet>> settle(const std::vector<Ready>& ready, const CopyOutcome& outcome) {
    const auto opened = co_await list_.remote.open(into_->path, Effort::Little);
    if (!opened) co_return std::nullopt;
    const auto validity = co_await (*opened)->enter();
    const auto& known = into_->record->remote.uid_validity;
    if (!validity || (known && !(known == validity))) co_return std::nullopt;
    const auto come = co_await (*opened)->uids_from(floor());
    if (!come) co_return std::nullopt;
    if (come->empty()) co_return imap::UidSet();
    Copies copies{outcome.copies, {}};
    if (!is_told_plainly(outcome, validity, *come)) {
      const auto described = co_await (*opened)->identities(*come);
      copies.uids = copies_among(described, originals_of(ready), outcome);
      for (const auto& one : described) copies.flags[one.uid] = one.flags;
    } else if (has_flags(ready)) {
      copies.flags = co_await (*opened)->flags(*come);
    }
    co_await pair(ready, copies, validity);
    floors_[into_->path] = come->max().next();
    imap::UidSet out;
    for (const auto& [original, copy] : copies.uids) out.add(original);
    co_return out;
  }

  struct Copies {
    std::map<imap::Uid, imap::Uid> uids;  // by those of the originals
    FlagsOfMessages flags;                // as far as they are known
  };

  static bool has_flags(const std::vector<Ready>& ready) {
    return std::ranges::any_of(ready, [](const Ready& one) { return !one.there.flags.empty(); });
  }

  static Pair pair_of(const Ready& one, imap::Uid copy, const FlagsOfMessages& flags) {
    Pair out{one.wanted.copy.uid, copy, one.wanted.original.flags, mark_of(one.there.message_id)};
    if (!one.wanted.is_told) out.flags = agreed_of_file(std::move(out.flags), one.flags_here);
    if (const auto at = flags.find(copy); at != flags.end())
      out.flags = agreed_of_copy(std::move(out.flags), one.there.flags, at->second);
    return out;
  }

  asio::awaitable<void> pair(const std::vector<Ready>& ready, const Copies& copies, imap::UidValidity validity) {
    store::StateBatch batch;
    auto& record = *into_->record;
    std::vector<Pair> paired, originals;
    for (const auto& one : ready) {
      const auto copy = copies.uids.find(one.there.uid);
      if (copy == copies.uids.end()) continue;
      paired.push_back(pair_of(one, copy->second, copies.flags));
      originals.push_back(one.wanted.original);
      context_.journal.put_pair(batch, record.number, paired.back());
      context_.journal.erase_intent(batch, record.number, Side::Remote, one.wanted.copy.uid);
    }
    if (!paired.empty() && !record.remote.uid_validity && into_->local->state) {  // it was empty: nothing is adopted
      record.local = {into_->local->state->uid_validity, imap::Uid(1), {}, 0};
      record.remote = {validity, imap::Uid(1), {}, 0};
      context_.journal.put_mailbox(batch, record);
    }
    co_await commit(std::move(batch), true);
    note_arrived(paired);
    context_.progress.counts.moved_remote += paired.size();
    context_.progress.tick();
    const auto& server = context_.names.remote;
    co_await remark(*into_, std::move(paired), (moves_ ? "moved on " : "copied on ") + server);
    if (moves_) co_await remark(*source_, std::move(originals), "moved to " + into_->path.shown() + " on " + server);
  }

  asio::awaitable<void> remark(const Candidate& mailbox, std::vector<Pair> pairs, std::string text) {
    const auto here = co_await list_.local.open(mailbox.path, Effort::Little);
    if (!here) co_return;
    Remarks remarks;
    remarks.add(std::move(pairs), text);
    co_await remarks.tell(**here);
  }

  // There and back: it is under another UID here, and where it was there.
  asio::awaitable<void> pair_again(const Group& group) {
    store::StateBatch batch;
    std::vector<Pair> pairs;
    for (const auto& one : group) {
      pairs.push_back(one.original);
      pairs.back().local = one.copy.uid;
      context_.journal.put_pair(batch, into_->record->number, pairs.back());
    }
    co_await commit(std::move(batch), true);
    note_arrived(pairs);
  }

  MailboxList& list_;
  PassContext& context_;
  Candidate* source_ = nullptr;
  Candidate* into_ = nullptr;
  MetThere met_;
  Arrived arrived_;
  bool moves_ = false;                       // the group; else it is copied
  std::map<MailboxPath, imap::Uid> floors_;  // of mailboxes to which something was copied in this pass
};

// By manner, mailboxes, and which of its copies in one mailbox it is, where a message gets several.
std::vector<CopyCarrier::Group> groups_of(std::vector<CopyThere> wanted) {
  std::map<std::tuple<Manner, MailboxPath, MailboxPath, int>, CopyCarrier::Group> groups;
  std::map<std::tuple<MailboxPath, MailboxPath, imap::Uid>, int> times;
  for (auto& one : wanted) {
    const int nth = times[{one.mailbox, one.copy.mailbox, one.original.remote}]++;
    groups[{one.manner, one.mailbox, one.copy.mailbox, nth}].push_back(std::move(one));
  }
  std::vector<CopyCarrier::Group> out;
  for (auto& [key, group] : groups) out.push_back(std::move(group));
  return out;
}

}  // namespace

asio::awaitable<Arrived> carry_copies(MailboxList& list, std::vector<CopyThere> wanted) {
  CopyCarrier carrier(list);
  for (auto& group : groups_of(std::move(wanted))) {
    try {
      co_await carrier.carry(std::move(group));
    } catch (const MailboxFailure& failure) {
      list.context.log.info("is not copied there", {{"why", failure.what()}});
    }
  }
  co_return carrier.arrived();
}

}  // namespace mirror
