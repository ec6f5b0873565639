// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// How it goes:
// 1. Look at both sides. A side that is another mailbox than before (UIDVALIDITY) ends it.
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
#include <map>
#include <set>

#include "sync/pass/absent_messages.h"
#include "sync/pass/same_messages.h"

namespace mirror {

namespace {

constexpr int kRounds = 20;
constexpr std::uint64_t kFull = 20;     // messages of which some would be the same
constexpr std::uint64_t kStrange = 20;  // fewer than one in so many

class MailboxSync {
 public:
  MailboxSync(PassContext& context, MailboxRecord& record, ReplicaMailbox& local, ReplicaMailbox& remote)
      : context_(context),
        record_(record),
        mailbox_{record, {}, {}, &local, &remote},
        apply_(context, mailbox_),
        absent_(context, mailbox_) {}

  asio::awaitable<bool> run() {
    std::exception_ptr lost;
    bool good = false;
    try {
      good = co_await make_same();
    } catch (const MailboxConnectionLost&) {
      lost = std::current_exception();
    }
    if (!lost) co_await apply_.name_held();
    absent_.report();
    for (auto& sentence : sentences(record_.path, mailbox_.held, context_.names))
      context_.progress.problems.push_back(std::move(sentence));
    if (lost) std::rethrow_exception(lost);
    co_return good&& mailbox_.held.empty();
  }

 private:
  asio::awaitable<bool> make_same() {
    const bool fresh = !record_.local.uid_validity && !record_.remote.uid_validity;
    co_await context_.workers.run([this] {
      mailbox_.pairs = context_.journal.pairs(record_.number);
      mailbox_.held = context_.journal.held(record_.number);
      mailbox_.absences = context_.journal.absences(record_.number);
      uncertain_ = context_.journal.is_uncertain(record_.number);
    });
    local_.state = record_.local;
    remote_.state = record_.remote;
    bool look_local = true, look_remote = true;
    for (int round = 0; round < kRounds; ++round) {
      co_await look(look_local, local_, Side::Local);
      co_await look(look_remote, remote_, Side::Remote);
      if (!is_same_mailbox(Side::Local) || !is_same_mailbox(Side::Remote)) co_return false;
      if (round == 0) {
        co_await put_back(local_, Side::Local);
        co_await put_back(remote_, Side::Remote);
      }
      note_doubt(local_);
      note_doubt(remote_);
      if (round == 0) {
        co_await apply_.resolve_intents(Side::Remote);
        co_await apply_.resolve_intents(Side::Local);
        co_await apply_.resolve_flags(local_, remote_);
        if (fresh || uncertain_) co_await adopt();
        co_await forget_held();
      }
      absent_.recall(local_, remote_);
      auto plan = reconcile(mailbox_.pairs, local_, remote_);
      bool met = false;
      if (round > 0 || !(fresh || uncertain_)) met = co_await pair_what_met(plan);
      if (met) {
        absent_.recall(local_, remote_);
        plan = reconcile(mailbox_.pairs, local_, remote_);
      }
      co_await absent_.weigh(plan, local_, remote_);
      consider_held(plan, round == 0);
      if (plan.empty() && mailbox_.again.empty()) {
        co_await remember();
        co_return !in_doubt_;
      }
      const bool tried = !mailbox_.again.empty();
      const bool good = co_await apply_.run(plan, local_.state.uid_next, remote_.state.uid_next);
      if (apply_.found_strangers()) co_await forget_pairs();
      if (!good) co_return false;
      look_local = plan.changes(Side::Local) || tried;
      look_remote = plan.changes(Side::Remote) || tried;
      co_await remember();
    }
    context_.progress.problems.push_back(record_.path.shown() + ": the sides keep changing; the rest comes next time");
    co_return false;
  }

  // Those that are gone, or have a twin by now.
  asio::awaitable<void> forget_held() {
    store::StateBatch batch;
    std::erase_if(mailbox_.held, [&](const auto& entry) {
      const auto [side, uid] = entry.first;
      const auto& said = side == Side::Local ? local_ : remote_;
      const bool gone = said.vanished.contains(uid) ||
                        (said.complete && !said.unsure.contains(uid) &&
                         !std::ranges::binary_search(said.present, uid, {}, &Seen::uid)) ||
                        mailbox_.pairs.find(side, uid) != nullptr;
      if (gone) context_.journal.erase_held(batch, record_.number, side, uid);
      return gone;
    });
    co_await context_.workers.run([&] { context_.journal.commit(batch, false); });
  }

  // What came to both sides since the last pass, or was sent there and not shown until now: the same message is not
  // copied to where it is. So it is when what is known of the mailbox is older than it is (docs/sync.md).
  asio::awaitable<bool> pair_what_met(const Plan& plan) {
    auto here = plan.copy_from_local, there = plan.copy_from_remote;
    if (here.empty() && there.empty()) co_return false;
    absent_.add_twins(here, there);
    for (const auto& [message, held] : mailbox_.held) (message.first == Side::Local ? here : there).add(message.second);
    const auto found = co_await same_messages(context_, mailbox_, std::move(here), std::move(there), Reading::Near);
    if (found.empty()) co_return false;
    store::StateBatch batch;
    const bool back = absent_.come_back(batch, found);
    for (const auto& pair : found) {
      context_.journal.put_pair(batch, record_.number, pair);
      mailbox_.pairs.put(pair);
      for (const auto side : {Side::Local, Side::Remote})
        if (mailbox_.held.erase({side, pair.uid(side)}) > 0)
          context_.journal.erase_held(batch, record_.number, side, pair.uid(side));
    }
    context_.progress.counts.paired += found.size();
    co_await context_.workers.run([&] { context_.journal.commit(batch, true); });
    if (back) co_await look_at_all();
    co_return true;
  }

  // Flags of messages that have come back were not told by the side that had them all the time.
  asio::awaitable<void> look_at_all() {
    local_.state.modseq = remote_.state.modseq = imap::ModSeq(0);
    co_await look(true, local_, Side::Local);
    co_await look(true, remote_, Side::Remote);
  }

  void consider_held(Plan& plan, bool try_again) {
    imap::UidSet held[2];
    for (const auto& [message, one] : mailbox_.held) {
      const auto [side, uid] = message;
      held[side == Side::Local ? 0 : 1].add(uid);
      if (try_again && context_.tries(one)) mailbox_.again.push_back(message);
    }
    if (!held[0].empty()) plan.copy_from_local = plan.copy_from_local.minus(held[0]);
    if (!held[1].empty()) plan.copy_from_remote = plan.copy_from_remote.minus(held[1]);
  }

  // A side that is not believed in all is looked at again by the next pass: how far it is, is not recorded.
  void note_doubt(const SideChanges& said) {
    if (said.doubt.empty()) return;
    if (!in_doubt_) context_.progress.problems.push_back(record_.path.shown() + ": " + said.doubt);
    in_doubt_ = true;
  }

  // What was there: also what is held, which has no twin.
  imap::UidSet known_on(Side side) const {
    auto out = mailbox_.pairs.uids(side);
    for (const auto& [message, held] : mailbox_.held)
      if (message.first == side) out.add(message.second);
    return out;
  }

  asio::awaitable<void> look(bool again, SideChanges& said, Side side) {
    if (again) {
      const auto since = said.state;
      said = co_await mailbox_.on(side).changes(since, known_on(side));
    } else {
      said.present.clear();
      said.vanished = {};
      said.complete = false;
      said.unsure = {};
      said.doubt.clear();
    }
  }

  // A mark that a pass that was cut off has taken away is not taken for somebody's wish.
  asio::awaitable<void> put_back(SideChanges& said, Side side) {
    const bool moved = co_await apply_.resolve_set_aside(side);
    if (!moved) co_return;
    said.state = side == Side::Local ? record_.local : record_.remote;
    co_await look(true, said, side);
  }

  bool is_same_mailbox(Side side) {
    const auto& known = side == Side::Local ? record_.local : record_.remote;
    const auto& now = side == Side::Local ? local_.state : remote_.state;
    if (!known.uid_validity) return true;
    const bool same = known.uid_validity == now.uid_validity;
    if (same && !(now.uid_next < known.uid_next)) return true;
    const std::string where = name_of(side), what = same ? "UIDNEXT" : "UIDVALIDITY";
    const auto was = same ? known.uid_next.value : known.uid_validity.value;
    const auto is = same ? now.uid_next.value : now.uid_validity.value;
    context_.log.error("not the mailbox that it was",
                       {{"mailbox", record_.path.shown()}, {"side", where}, {"what", what}, {"was", was}, {"is", is}});
    // A smaller UIDNEXT: a backup was put back, and new messages get the UIDs of others.
    context_.progress.problems.push_back(record_.path.shown() + ": the " + where +
                                         " mailbox is another one than before (its " + what + " was " +
                                         std::to_string(was) + ", is " + std::to_string(is) +
                                         "): nothing was changed; `postern repair` pairs its messages anew");
    return false;
  }

  asio::awaitable<void> remember() {
    if (in_doubt_ || (record_.local == local_.state && record_.remote == remote_.state)) co_return;
    record_.local = local_.state;
    record_.remote = remote_.state;
    co_await write();
  }

  // What was agreed was agreed about other messages: the next pass sees this mailbox for the first time.
  asio::awaitable<void> forget_pairs() {
    context_.log.error("the server has other messages under UIDs that were paired; the mailbox is paired anew",
                       {{"mailbox", record_.path.shown()}});
    record_.local = record_.remote = {};
    co_await context_.workers.run([this] {
      store::StateBatch batch;
      for (const auto& [key, absence] : std::exchange(mailbox_.absences, {}))
        context_.journal.erase_absence(batch, record_.number, key.first, key.second);
      mailbox_.pairs.for_each(
          [&](const Pair& pair) { context_.journal.erase_pair(batch, record_.number, pair.remote); });
      context_.journal.put_mailbox(batch, record_);
      context_.journal.commit(batch, true);
    });
  }

  asio::awaitable<void> write() {
    co_await context_.workers.run([this] {
      store::StateBatch batch;
      context_.journal.put_mailbox(batch, record_);
      context_.journal.commit(batch, false);
    });
  }

  // Pairs what is the same on both sides. The pairs are written in one step with both UIDVALIDITYs, without which they
  // mean nothing: a pass that is cut off before adopts again.
  asio::awaitable<void> adopt() {
    record_.local.uid_validity = local_.state.uid_validity;
    record_.remote.uid_validity = remote_.state.uid_validity;
    store::StateBatch batch;
    context_.journal.put_mailbox(batch, record_);
    context_.journal.erase_uncertain(batch, record_.number);
    const auto parted = part_half_pairs(batch);
    const auto known = known_pairs();
    const auto here = unpaired(Side::Local), there = unpaired(Side::Remote);
    const auto found = co_await same_messages(context_, mailbox_, here, there, Reading::All);
    if (known.empty() && parted.empty()) refuse_strangers(std::min(here.size(), there.size()), found.size());
    context_.progress.counts.paired += found.size();
    for (const auto* pairs : {&known, &found})
      for (const auto& pair : *pairs) {
        context_.journal.put_pair(batch, record_.number, pair);
        mailbox_.pairs.put(pair);
      }
    if (!mailbox_.pairs.empty())
      context_.log.info("paired", {{"mailbox", record_.path.shown()}, {"messages", mailbox_.pairs.size()}});
    tell_parted(parted, found);
    co_await context_.workers.run([&] { context_.journal.commit(batch, true); });
  }

  bool shows(Side side, imap::Uid uid) const {
    const auto& said = side == Side::Local ? local_ : remote_;
    return said.unsure.contains(uid) || std::ranges::binary_search(said.present, uid, {}, &Seen::uid);
  }

  // What is known is older than the mailbox is. So that only one side has a message may mean that it was deleted on the
  // other or that it was lost there with what was known: it is kept, and looked for under another UID.
  std::vector<Pair> part_half_pairs(store::StateBatch& batch) {
    std::vector<Pair> out;
    if (!local_.complete || !remote_.complete) return out;
    mailbox_.pairs.for_each([&](const Pair& pair) {
      if (shows(Side::Local, pair.local) != shows(Side::Remote, pair.remote)) out.push_back(pair);
    });
    for (const auto& pair : out) {
      context_.journal.erase_pair(batch, record_.number, pair.remote);
      mailbox_.pairs.erase_remote(pair.remote);
    }
    return out;
  }

  void tell_parted(const std::vector<Pair>& parted, const std::vector<Pair>& found) {
    std::set<imap::Uid> found_here, found_there;
    for (const auto& pair : found) {
      found_here.insert(pair.local);
      found_there.insert(pair.remote);
    }
    const auto left = std::ranges::count_if(
        parted, [&](const Pair& one) { return !found_here.contains(one.local) && !found_there.contains(one.remote); });
    if (left == 0) return;
    context_.progress.problems.push_back(
        record_.path.shown() + ": what was known of this mailbox was older than its mail; " + std::to_string(left) +
        (left == 1 ? " message that only one side has is" : " messages that only one side has are") +
        " copied to the other. What you had deleted may have come back: delete it again");
  }

  // Two full mailboxes of which almost nothing is the same are hardly one mailbox: another account, or another layout.
  // Copying everything both ways cannot be taken back.
  void refuse_strangers(std::uint64_t smaller, std::uint64_t paired) {
    if (context_.merges_strangers || smaller < kFull || paired * kStrange >= smaller) return;
    throw MailboxFailure(
        base::Reason::Failed,
        "of " + std::to_string(smaller) + " messages that could be on both sides " + std::to_string(paired) +
            " are: this looks like another account's mail, or another mailbox. Nothing was copied; "
            "where both are to be merged, write `merge-different = YES` at the top of the configuration");
  }

  // Those in the journal of which both messages are there, with the flags that both have.
  std::vector<Pair> known_pairs() {
    std::map<imap::Uid, const imap::FlagSet*> there;
    for (const auto& seen : remote_.present) there[seen.uid] = &seen.flags;
    std::vector<Pair> out;
    for (const auto& seen : local_.present) {
      const auto* pair = mailbox_.pairs.find(Side::Local, seen.uid);
      const auto twin = pair == nullptr ? there.end() : there.find(pair->remote);
      if (twin == there.end()) continue;
      out.push_back({pair->local, pair->remote, in_both(seen.flags, *twin->second), pair->mark});
    }
    return out;
  }

  imap::UidSet unpaired(Side side) {
    imap::UidSet out;
    for (const auto& seen : (side == Side::Local ? local_ : remote_).present)
      if (!mailbox_.pairs.find(side, seen.uid)) out.add(seen.uid);
    return out;
  }

  PassContext& context_;
  MailboxRecord& record_;
  MailboxPair mailbox_;
  Apply apply_;
  AbsentMessages absent_;
  SideChanges local_, remote_;
  bool uncertain_ = false, in_doubt_ = false;
};

}  // namespace

asio::awaitable<bool> sync_mailbox(PassContext& context, MailboxRecord& record, ReplicaMailbox& local,
                                   ReplicaMailbox& remote) {
  MailboxSync work(context, record, local, remote);
  co_return co_await work.run();
}

}  // namespace mirror
