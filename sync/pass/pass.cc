// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// How it goes:
// 1. Both sides list their mailboxes with where they stand: one round trip, whatever the number of messages.
// 2. A mailbox that has another name on one side (UIDVALIDITY and messages tell) is renamed on the other one
//    (carry_renames).
// 3. A mailbox that only one side has, and that was never on both, is made on the other. One that was on both and is
//    missing now, and that a client of ours has not deleted, was deleted there or taken away: that is not done to the
//    other side without a word; it is reported, with the command that settles it (postern delete, postern rename).
// 4. Mailboxes whose sides stand where they were left need nothing. The others are synchronised, INBOX first, several
//    at once where there is much to do.
// 5. Subscriptions are merged three ways.
#include "sync/pass/pass.h"

#include <asio/this_coro.hpp>

#include <algorithm>
#include <deque>
#include <map>
#include <set>

#include "sync/pass/absent_messages.h"
#include "sync/pass/carry_renames.h"
#include "sync/pass/mailbox_sync.h"
#include "sync/pass/renamed_mailboxes.h"
#include "sync/started.h"

namespace mirror {

namespace {

constexpr int kRenames = 4;
constexpr std::uint64_t kBulk = 64;  // new messages from which on more connections are worth their cost

struct Candidate {
  MailboxPath path;
  const ReplicaEntry* local = nullptr;
  const ReplicaEntry* remote = nullptr;
  MailboxRecord* record = nullptr;
};

bool is_there(const ReplicaEntry* entry) { return entry != nullptr && entry->exists; }

bool stands_still(const ReplicaEntry& entry, const SideState& known) {
  return entry.state && known.modseq && *entry.state == known;
}

std::uint64_t arrived(const ReplicaEntry& entry, const SideState& known) {
  if (!entry.state) return kBulk;
  if (!known.uid_next) return entry.state->messages;
  return entry.state->uid_next < known.uid_next ? 0 : entry.state->uid_next.value - known.uid_next.value;
}

class Pass {
 public:
  Pass(PassContext& context, Replica& local, Replica& remote, const Scope& scope)
      : context_(context), local_(local), remote_(remote), scope_(scope) {
    context_.names = {local_.description(), remote_.description()};
  }

  asio::awaitable<bool> run() {
    co_await context_.workers.run([this] {
      for (auto& record : context_.journal.mailboxes()) records_.emplace(record.path, record);
      held_ = context_.journal.all_held();
      absences_ = context_.journal.all_absences();
    });
    co_await look_at_names();
    for (int i = 0; i < kRenames; ++i) {  // what is below a mailbox goes along with it, and is found anew
      const bool carried = co_await carry_renames();
      if (!carried) break;
      co_await look_at_names();
    }
    report_left_out();
    count_losses();
    co_await forget();
    for (auto& candidate : candidates_) {
      const bool ready = co_await make_both(candidate);
      if (ready) plan(candidate);
    }
    co_await synchronise();
    for (auto& candidate : candidates_) co_await merge_subscription(candidate);
    co_return good_;
  }

 private:
  void report_left_out() {
    for (const auto* side : {&local_, &remote_})
      for (const auto& one : side->left_out()) {
        if (one.path.empty()) {
          good_ = false;
          context_.progress.problems.push_back(one.why);
        } else if (scope_.matches(one.path)) {
          problem(one.path, one.why);
        }
      }
  }

  asio::awaitable<void> look_at_names() {
    candidates_.clear();
    gone_.clear();
    renamed_.clear();
    new_names_.clear();
    unsubscribed_.clear();
    local_entries_ = co_await local_.list();
    remote_entries_ = co_await remote_.list();
    gather();
    for (const auto side : {Side::Local, Side::Remote}) look_for_renamed(side);
  }

  // False: there was nothing to do.
  asio::awaitable<bool> carry_renames() {
    bool any = false;
    for (const auto side : {Side::Local, Side::Remote}) {
      Renamings found;
      for (const auto& candidate : candidates_) {
        const auto at = renamed_.find(candidate.path);
        const auto *here = side == Side::Local ? candidate.local : candidate.remote,
                   *there = side == Side::Local ? candidate.remote : candidate.local;
        if (at != renamed_.end() && !is_there(here) && is_there(there)) found.insert(*at);
      }
      if (found.empty()) continue;
      auto& here = side == Side::Local ? local_ : remote_;
      auto& there = side == Side::Local ? remote_ : local_;
      const auto done = co_await mirror::carry_renames(context_, here, side, there, std::move(found), records_);
      any = any || !done.empty();
    }
    co_return any;
  }

  void gather() {
    std::map<MailboxPath, Candidate> all;
    const auto take = [&](const std::vector<ReplicaEntry>& entries, const ReplicaEntry* Candidate::* side) {
      for (const auto& entry : entries) all[entry.path].*side = &entry;
    };
    take(local_entries_, &Candidate::local);
    take(remote_entries_, &Candidate::remote);
    for (auto& [path, candidate] : all) {
      candidate.path = path;
      if (!scope_.matches(path) || (!is_there(candidate.local) && !is_there(candidate.remote))) continue;
      const bool subscribed =
          (candidate.local && candidate.local->subscribed) || (candidate.remote && candidate.remote->subscribed);
      if (const auto at = records_.find(path); at != records_.end()) candidate.record = &at->second;
      if (scope_.only_subscribed && !subscribed) {
        if (candidate.record && candidate.record->subscribed) unsubscribed_.push_back(candidate.record);
        continue;
      }
      candidates_.push_back(candidate);
    }
    for (const auto& [path, record] : records_) {
      const auto at = all.find(path);
      const bool gone = at == all.end() || (!is_there(at->second.local) && !is_there(at->second.remote));
      if (gone && scope_.matches(path)) gone_.push_back(path);
    }
    // INBOX first.
    const auto inbox = std::ranges::find_if(candidates_, [](const Candidate& one) { return one.path.is_inbox(); });
    if (inbox != candidates_.end()) std::rotate(candidates_.begin(), inbox, inbox + 1);
    context_.progress.counts.mailboxes = candidates_.size();
  }

  // What has another name on one side. It waits under both names until it was renamed on the other side too.
  void look_for_renamed(Side side) {
    const auto here = side == Side::Local ? &Candidate::local : &Candidate::remote;
    const auto there = side == Side::Local ? &Candidate::remote : &Candidate::local;
    WhereItStands missing, listed;
    std::set<MailboxPath> unknown;
    for (const auto& one : candidates_) {
      if (one.record && !is_there(one.*here))
        missing.emplace_back(one.path, side == Side::Local ? one.record->local : one.record->remote);
      if (!one.record && !is_there(one.*there)) unknown.insert(one.path);
    }
    for (const auto& entry : side == Side::Local ? local_entries_ : remote_entries_)
      if (entry.exists && entry.state) listed.emplace_back(entry.path, *entry.state);
    for (const auto& [old_path, new_path] : find_renamed(missing, listed, unknown)) {
      renamed_.emplace(old_path, new_path);
      new_names_.insert(new_path);
    }
  }

  // A mailbox that is on neither side any more was deleted on both: one of the same name is a new one. A subscription
  // that both have given up is no longer agreed.
  asio::awaitable<void> forget() {
    co_await context_.workers.run([this] {
      store::StateBatch batch;
      for (auto* record : unsubscribed_) {
        record->subscribed = false;
        context_.journal.put_mailbox(batch, *record);
      }
      if (!batch.writes.empty()) context_.journal.commit(batch, false);
      for (const auto& path : gone_) {
        context_.journal.forget_mailbox(records_.at(path).number);
        records_.erase(path);
      }
    });
  }

  // False: this mailbox cannot be synchronised, and it was said why.
  asio::awaitable<bool> make_both(Candidate& candidate) {
    if (new_names_.contains(candidate.path)) co_return false;
    for (const auto side : {Side::Local, Side::Remote}) {
      auto*& here = side == Side::Local ? candidate.local : candidate.remote;
      const auto* there = side == Side::Local ? candidate.remote : candidate.local;
      const bool known = candidate.record && candidate.record->local.uid_validity;
      auto& replica = side == Side::Local ? local_ : remote_;
      if (is_there(here)) {
        // Listed, but where it stands was not told: what a Dovecot has that was killed in the middle of CREATE. Whether
        // this is refused shows when it is opened.
        if (!here->state && !known) co_await replica.create(candidate.path, {});
        continue;
      }
      if (known) {
        const bool carried = co_await carry_deletion(candidate, side);
        if (carried) co_return false;
        const auto at = renamed_.find(candidate.path);
        const auto* new_path = at == renamed_.end() ? nullptr : &at->second;
        problem(candidate.path, missing_sentence(candidate.path, new_path, replica.description()));
        co_return false;
      }
      const auto made = co_await replica.create(candidate.path, there->special_use);
      if (!made) {
        problem(candidate.path, "cannot be made on " + replica.description() + ": " + made.error().text);
        co_return false;
      }
      auto& counts = context_.progress.counts;
      ++(side == Side::Local ? counts.created_local : counts.created_remote);
      made_.push_back(ReplicaEntry{candidate.path, here && here->subscribed, true, {}, std::nullopt});
      here = &made_.back();
    }
    co_return true;
  }

  asio::awaitable<bool> carry_deletion(Candidate& candidate, Side lost) {
    const auto path = candidate.path;
    const auto* entry = lost == Side::Local ? candidate.remote : candidate.local;
    if (path.is_inbox() || renamed_.contains(path) || !entry->state) co_return false;
    auto& here = lost == Side::Local ? local_ : remote_;
    auto& there = lost == Side::Local ? remote_ : local_;
    const auto record = *candidate.record;
    LostMailbox facts{.known = lost == Side::Local ? record.remote : record.local, .now = *entry->state};
    facts.told = co_await here.was_told_to_remove(path, lost == Side::Local ? record.local : record.remote);
    facts.paired = co_await context_.workers.run([&] { return context_.journal.pairs(record.number).size(); });
    for (const auto& [name, one] : records_) facts.account += one.local.messages;
    if (!is_deletion_carried(facts, context_.removals.mailboxes, context_.removals.of(lost).fuse)) co_return false;
    const auto done = co_await there.remove(path);
    if (!done) co_return false;
    co_await context_.workers.run([&] { context_.journal.forget_mailbox(record.number); });
    records_.erase(path);
    candidate.record = nullptr;
    context_.log.info("deleted", {{"on", there.description()}, {"mailbox", path.shown()}});
    auto& counts = context_.progress.counts;
    ++(lost == Side::Local ? counts.deleted_remote : counts.deleted_local);
    co_return true;
  }

  void plan(Candidate& candidate) {
    if (!candidate.record) {
      const auto [at, added] = records_.emplace(candidate.path, context_.journal.add_mailbox(candidate.path));
      candidate.record = &at->second;
    } else if (stands_still(*candidate.local, candidate.record->local) &&
               (stands_still(*candidate.remote, candidate.record->remote) || needs_no_look(candidate)) &&
               !has_to_try(*candidate.record) && !has_losses_to_settle(*candidate.record)) {
      if (!hides_a_change(candidate)) return;
      candidate.record->remote.modseq = {};  // all of it is listed
    }
    to_do_.push_back(&candidate);
    amount_ += amount_of(candidate);
  }

  // Whether there are held messages that it is time for, or that may be shown by now (some servers do so at SELECT, and
  // STATUS tells nothing before); else says that they still are.
  bool has_to_try(const MailboxRecord& record) {
    const auto at = held_.find(record.number);
    if (at == held_.end()) return false;
    const auto is_time = [&](const auto& entry) {
      return entry.second.kind == Held::Kind::Lost || context_.tries(entry.second);
    };
    if (std::ranges::any_of(at->second, is_time)) return true;
    good_ = false;
    for (auto& sentence : sentences(record.path, at->second, context_.names))
      context_.progress.problems.push_back(std::move(sentence));
    return false;
  }

  bool has_losses_to_settle(const MailboxRecord& record) {
    const auto at = absences_.find(record.number);
    return at != absences_.end() && has_to_settle(context_, record, at->second);
  }

  // Before anything is removed anywhere: what the counts of all mailboxes tell.
  void count_losses() {
    for (const auto side : {Side::Local, Side::Remote}) {
      std::vector<std::pair<SideState, SideState>> states;
      for (const auto& one : candidates_) {
        const auto* entry = side == Side::Local ? one.local : one.remote;
        if (!one.record || !is_there(entry) || !entry->state) continue;
        states.emplace_back(side == Side::Local ? one.record->local : one.record->remote, *entry->state);
      }
      auto& rules = side == Side::Local ? context_.removals.local : context_.removals.remote;
      rules.account_lost = has_lost_too_much(states, rules.fuse);
    }
  }

  // A MODSEQ that stands still while flags change: the number of unseen messages is another witness.
  bool hides_a_change(const Candidate& candidate) const {
    const auto &here = candidate.local->unseen, &there = candidate.remote->unseen;
    // Where they have not as many messages, it is known that they differ.
    return context_.looks && here && there && candidate.remote->state->modseq &&
           candidate.local->state->messages == candidate.remote->state->messages &&
           context_.looks->is_new_difference(candidate.path, *here, *there);
  }

  // A person who asks for a pass gets one that looks.
  bool needs_no_look(const Candidate& candidate) const {
    return context_.looks && !context_.tries_all_held && candidate.record->remote.uid_validity &&
           candidate.remote->state && !candidate.remote->state->modseq && context_.looks->need_none(*candidate.remote);
  }

  static std::uint64_t amount_of(const Candidate& candidate) {
    return arrived(*candidate.local, candidate.record->local) + arrived(*candidate.remote, candidate.record->remote);
  }

  asio::awaitable<void> synchronise() {
    if (to_do_.empty()) co_return;
    const auto wanted = amount_ < kBulk ? std::size_t{1} : std::min(local_.parallel(), remote_.parallel());
    const auto executor = co_await asio::this_coro::executor;
    std::vector<Started> workers(std::min(wanted, to_do_.size()));
    for (auto& worker : workers) worker.start(executor, work());
    std::exception_ptr fault;
    for (auto& worker : workers) {
      try {
        co_await worker.join();
      } catch (...) {
        if (!fault) fault = std::current_exception();
        to_do_.clear();
      }
    }
    if (fault) std::rethrow_exception(fault);
    if (lost_) throw Failure(lost_->reason, lost_->what());
  }

  asio::awaitable<void> work() {
    while (!to_do_.empty()) {
      auto& candidate = *to_do_.front();
      to_do_.pop_front();
      try {
        co_await synchronise(candidate);
      } catch (const MailboxConnectionLost& failure) {
        problem(candidate.path, failure.what());
        lost_ = failure;
      } catch (const MailboxFailure& failure) {
        problem(candidate.path, failure.what());
      } catch (...) {
        to_do_.clear();
        throw;
      }
    }
  }

  asio::awaitable<void> synchronise(Candidate& candidate) {
    const auto effort = amount_of(candidate) >= kBulk ? Effort::Bulk : Effort::Little;
    const auto remote = co_await remote_.open(candidate.path, effort);
    const auto local = co_await local_.open(candidate.path, effort);
    if (!remote || !local) {
      problem(candidate.path, (remote ? local.error() : remote.error()).text);
      co_return;
    }
    const bool good = co_await sync_mailbox(context_, *candidate.record, **local, **remote);
    good_ = good_ && good;
    if (context_.looks && good)
      context_.looks->note(*candidate.remote);
    else if (context_.looks)
      context_.looks->forget(candidate.path);
  }

  asio::awaitable<void> merge_subscription(Candidate& candidate) {
    if (!is_there(candidate.local) || !is_there(candidate.remote) || !candidate.record) co_return;
    auto& record = *candidate.record;
    const bool here = candidate.local->subscribed, there = candidate.remote->subscribed;
    const bool wanted = here != record.subscribed ? here : there;
    base::Result<void> done;
    if (here != wanted) done = co_await local_.set_subscribed(candidate.path, wanted);
    if (done && there != wanted) done = co_await remote_.set_subscribed(candidate.path, wanted);
    if (!done) {
      problem(candidate.path, "its subscription cannot be changed: " + done.error().text);
      co_return;
    }
    if (record.subscribed == wanted) co_return;
    record.subscribed = wanted;
    co_await context_.workers.run([&] {
      store::StateBatch batch;
      context_.journal.put_mailbox(batch, record);
      context_.journal.commit(batch, false);
    });
  }

  void problem(const MailboxPath& path, const std::string& text) {
    good_ = false;
    context_.progress.problems.push_back(path.shown() + ": " + text);
  }

  PassContext& context_;
  Replica& local_;
  Replica& remote_;
  const Scope& scope_;
  std::map<MailboxPath, MailboxRecord> records_;
  std::map<std::uint32_t, HeldMessages> held_;
  std::map<std::uint32_t, Absences> absences_;
  std::vector<ReplicaEntry> local_entries_, remote_entries_;
  std::deque<ReplicaEntry> made_;
  std::vector<Candidate> candidates_;
  std::vector<MailboxPath> gone_;
  std::map<MailboxPath, MailboxPath> renamed_;  // on one side: old name to new name
  std::set<MailboxPath> new_names_;
  std::vector<MailboxRecord*> unsubscribed_;
  std::optional<Failure> lost_;  // a connection, over one message
  std::deque<Candidate*> to_do_;
  std::uint64_t amount_ = 0;
  bool good_ = true;
};

}  // namespace

asio::awaitable<bool> run_pass(PassContext& context, Replica& local, Replica& remote, const Scope& scope) {
  Pass pass(context, local, remote, scope);
  co_return co_await pass.run();
}

}  // namespace mirror
