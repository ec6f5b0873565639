// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// How it goes:
// 1. The counts of all mailboxes tell whether any message can have gone from one and come to another. Where not, nobody
//    is asked anything.
// 2. Mailboxes that have lost something are looked at, then those to which something has come. Only what has gone and
//    what has come is kept of each. A look that is doubtful counts as none.
// 3. What has come is asked for its Message-ID, size and date (and what the server calls it, EMAILID or X-GM-MSGID).
//    It is compared with the messages here whose twins have gone; where others have its Message-ID, by its header too.
// 4. What is the same beyond doubt is moved here: hard links, and one write of the index that has the new pairs and no
//    longer the old ones. What a client of ours has moved elsewhere meanwhile goes where it is on the server: the first
//    move there is the one that counts, as for any two clients of a server.
// Everything else goes as if nobody had looked: it is fetched, and removed under the usual rules.
#include "sync/pass/moves/carry_moves_here.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "sync/message_mark.h"
#include "sync/pass/moves/copies_there.h"

namespace mirror {

namespace {

class Finder {
 public:
  Finder(MailboxList& list, const std::vector<CopyThere>& left) : list_(list), context_(list.context), left_(left) {}

  // False: there is no reason to look at any other.
  asio::awaitable<bool> look(Candidate& candidate, bool may_lose) {
    if (!may_lose && lost_.empty()) co_return false;
    const auto& record = *candidate.record;
    PairTable pairs;
    HeldMessages held;
    const bool known = co_await context_.workers.run([&] {
      pairs = context_.journal.pairs(record.number);
      held = context_.journal.held(record.number);
      return !context_.journal.is_uncertain(record.number);
    });
    if (!known) co_return true;
    const auto opened = co_await list_.remote.open(candidate.path, Effort::Little);
    if (!opened) co_return true;
    auto said = co_await (*opened)->changes(record.remote, pairs.uids(Side::Remote));
    const bool same = said.state.uid_validity == candidate.remote->state->uid_validity;
    if (!same || said.state.uid_next < record.remote.uid_next || !said.doubt.empty()) co_return true;
    auto plan = reconcile(pairs, {}, said);
    object_ids_.clear();
    if ((*opened)->has_object_ids()) co_await read_object_ids(record);
    co_await note_lost(candidate, pairs, plan.expunge_local);
    for (const auto& one : left_)
      if (one.mailbox == candidate.path && one.manner == Manner::Move &&
          plan.expunge_local.contains(one.original.local))
        co_await note_moved_on(one);
    auto come = plan.copy_from_remote;
    for (const auto& [message, one] : held)
      if (message.first == Side::Remote) come.remove(message.second);
    if (come.empty() || !context_.permits_of(candidate.path).adds(Side::Local)) co_return true;
    const auto described = co_await (*opened)->identities(come);
    for (const auto& one : described) come_.push_back({candidate.path, one});
    co_return true;
  }

  asio::awaitable<std::vector<MoveHere>> found() {
    auto out = match_moves(lost_, come_, marks_here_);
    for (auto& one : out) {
      if (!one.in_doubt) continue;
      const bool same = co_await have_one_header(one);
      one.in_doubt = !same;
    }
    std::erase_if(out, [](const MoveHere& one) { return one.in_doubt; });
    co_return out;
  }

 private:
  asio::awaitable<bool> have_one_header(const MoveHere& move) {
    const auto local = co_await list_.local.open(move.from.mailbox, Effort::Little);
    const auto remote = co_await list_.remote.open(move.to.mailbox, Effort::Little);
    if (!local || !remote) co_return false;
    const auto validity = co_await (*remote)->enter();
    if (!validity) co_return false;
    const auto here = co_await (*local)->header_digests(imap::UidSet::of(move.from.pair.local));
    const auto there = co_await (*remote)->header_digests(imap::UidSet::of(move.to.there.uid));
    co_return here.size() == 1 && there.size() == 1 && here.begin()->second == there.begin()->second;
  }

  asio::awaitable<void> read_object_ids(const MailboxRecord& record) {
    object_ids_ = co_await context_.workers.run(
        [&] { return context_.journal.object_ids(record.number, record.remote.uid_validity); });
  }

  // What the server called it in the mailbox that is looked at.
  LostThere lost(MailboxPath mailbox, MailboxPath twin_in, Pair pair, Identity here) const {
    if (const auto at = object_ids_.find(pair.remote); at != object_ids_.end()) here.object_id = at->second;
    return {std::move(mailbox), std::move(twin_in), std::move(pair), std::move(here)};
  }

  asio::awaitable<void> note_lost(const Candidate& candidate, const PairTable& pairs, imap::UidSet uids) {
    pairs.for_each([&](const Pair& pair) {
      if (!uids.contains(pair.local)) marks_here_.insert(pair.mark);
    });
    if (uids.empty() || !context_.permits_of(candidate.path).removes(Side::Local)) co_return;
    const auto opened = co_await list_.local.open(candidate.path, Effort::Little);
    if (!opened) co_return;
    const auto here = co_await (*opened)->identities(std::move(uids));
    for (const auto& one : here)
      if (const auto* pair = pairs.find(Side::Local, one.uid))
        lost_.push_back(lost(candidate.path, candidate.path, *pair, one));
  }

  // By a client of ours: it is in another mailbox here, and has no twin there.
  asio::awaitable<void> note_moved_on(const CopyThere& one) {
    const auto at = one.copy;
    if (!context_.permits_of(at.mailbox).removes(Side::Local)) co_return;
    const auto opened = co_await list_.local.open(at.mailbox, Effort::Little);
    if (!opened) co_return;
    const auto here = co_await (*opened)->identities(imap::UidSet::of(at.uid));
    if (here.size() != 1) co_return;
    auto pair = one.original;
    pair.local = at.uid;
    lost_.push_back(lost(at.mailbox, one.mailbox, std::move(pair), here.front()));
  }

  MailboxList& list_;
  PassContext& context_;
  const std::vector<CopyThere>& left_;
  std::vector<LostThere> lost_;
  std::vector<NewThere> come_;
  std::set<std::uint64_t> marks_here_;  // of the Message-IDs of what has not gone
  ObjectIds object_ids_;                // of the mailbox that was looked at last
};

asio::awaitable<std::vector<MoveHere>> find(MailboxList& list, const std::vector<Counted>& counted,
                                            const std::map<MailboxPath, Candidate*>& candidates,
                                            const std::vector<CopyThere>& left) {
  Finder finder(list, left);
  const auto paths = worth_a_look(counted);
  if (paths.empty()) co_return std::vector<MoveHere>();
  {
    const auto local = co_await list.local.open(paths.front(), Effort::Little);
    if (!local || !(*local)->commits_state()) co_return std::vector<MoveHere>();  // it could not be done
  }
  for (const auto& path : paths) {
    const auto& one = *std::ranges::find(counted, path, &Counted::mailbox);
    const bool goes_on = co_await finder.look(*candidates.at(path), one.lost() > 0);
    if (!goes_on) break;
  }
  co_return co_await finder.found();
}

using Group = std::vector<MoveHere>;  // of the same two mailboxes

class Mover {
 public:
  Mover(MailboxList& list, Group group) : list_(list), group_(std::move(group)) {
    number_ = number_of(group_.front().to.mailbox);
    from_ = number_of(group_.front().from.twin_in);
  }

  asio::awaitable<void> run() {
    const auto opened = co_await list_.local.open(group_.front().from.mailbox, Effort::Little);
    if (!opened || number_ == 0) co_return;
    co_await begin_record();
    imap::UidSet uids;
    for (const auto& one : group_) uids.add(one.from.pair.local);
    bool written = false;
    const store::AtCommit record = [&](std::span<const imap::Uid> made, store::StateBatch& batch) {
      if (made.size() != group_.size()) return;  // some are gone; which, is known later
      for (std::size_t i = 0; i < made.size(); ++i) put(batch, group_[i], made[i]);
      written = true;
    };
    const auto outcome = co_await (*opened)->copy_to(uids, group_.front().to.mailbox, Manner::Move, record);
    if (outcome.refusal) list_.context.log.info("is not moved here", {{"why", outcome.refusal->text}});
    if (!written) co_await write(outcome);
    list_.context.progress.counts.moved_local += outcome.copies.size();
    list_.context.progress.tick();
  }

 private:
  std::uint32_t number_of(const MailboxPath& path) const {
    const auto at = list_.records.find(path);
    return at == list_.records.end() ? 0 : at->second.number;
  }

  // The destination is new, and empty here: nothing is adopted, and all that is in it there is looked at.
  asio::awaitable<void> begin_record() {
    auto& record = list_.records.at(group_.front().to.mailbox);
    if (record.remote.uid_validity) co_return;
    const auto into = co_await list_.local.open(record.path, Effort::Little);
    if (!into) co_return;
    const auto here = co_await (*into)->changes({}, {});
    const auto candidate = std::ranges::find(list_.candidates, record.path, &Candidate::path);
    record.local = {here.state.uid_validity, imap::Uid(1), {}, 0};
    record.remote = {candidate->remote->state->uid_validity, imap::Uid(1), {}, 0};
    begun_ = &record;
  }

  void put(store::StateBatch& batch, const MoveHere& move, imap::Uid made) const {
    if (begun_ != nullptr) list_.context.journal.put_mailbox(batch, *begun_);
    list_.context.journal.erase_pair(batch, from_, move.from.pair.remote);
    list_.context.journal.put_pair(batch, number_,
                                   {made, move.to.there.uid, move.from.pair.flags, mark_of(move.to.there.message_id)});
  }

  asio::awaitable<void> write(const CopyOutcome& outcome) {
    store::StateBatch batch;
    for (const auto& one : group_)
      if (const auto at = outcome.copies.find(one.from.pair.local); at != outcome.copies.end())
        put(batch, one, at->second);
    if (!batch.writes.empty()) co_await list_.context.workers.run([&] { list_.context.journal.commit(batch, true); });
  }

  MailboxList& list_;
  Group group_;  // ascending by UID here
  std::uint32_t number_ = 0, from_ = 0;
  const MailboxRecord* begun_ = nullptr;
};

}  // namespace

asio::awaitable<std::vector<MoveHere>> find_moves_here(MailboxList& list, const std::deque<Candidate*>& to_do,
                                                       const std::vector<CopyThere>& left) {
  std::vector<Counted> counted;
  std::map<MailboxPath, Candidate*> candidates;
  for (auto* one : to_do) {
    if (one->record == nullptr) continue;
    const auto& record = *one->record;
    const bool is_new = was_made(list, *one, Side::Local) && one->remote->state && one->remote->state->uid_validity;
    if (!is_new && !(stands_as_known(one->local, record.local) && stands_as_known(one->remote, record.remote)))
      continue;
    counted.push_back({one->path, one->record->remote, *one->remote->state});
    candidates.emplace(one->path, one);
  }
  try {
    co_return co_await find(list, counted, candidates, left);
  } catch (const MailboxFailure& failure) {
    list.context.log.info("is not looked at for moves", {{"why", failure.what()}});
  }
  co_return std::vector<MoveHere>();
}

asio::awaitable<void> carry_moves_here(MailboxList& list, std::vector<MoveHere> moves) {
  std::map<std::tuple<MailboxPath, MailboxPath, MailboxPath>, Group> groups;
  for (auto& one : moves) groups[{one.from.mailbox, one.from.twin_in, one.to.mailbox}].push_back(std::move(one));
  for (auto& [mailboxes, group] : groups) {
    Mover mover(list, std::move(group));
    co_await mover.run();
  }
}

}  // namespace mirror
