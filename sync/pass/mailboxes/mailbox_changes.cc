// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "sync/pass/mailboxes/mailbox_changes.h"

#include <algorithm>

#include "sync/pass/mailboxes/carry_renames.h"
#include "sync/pass/mailboxes/renamed_mailboxes.h"

namespace mirror {

namespace {

bool was_on_both(const Candidate& candidate) { return candidate.record && candidate.record->local.uid_validity; }

// What both sides agreed on.
asio::awaitable<void> forget(MailboxList& list, Candidate& candidate) {
  const auto number = candidate.record->number;
  co_await list.context.workers.run([&] { list.context.journal.forget_mailbox(number); });
  list.records.erase(candidate.path);
  candidate.record = nullptr;
}

// Deletes on the other side what a client of ours has deleted on this one. False: it is not to be done, or cannot.
asio::awaitable<bool> carry_deletion(MailboxList& list, Candidate& candidate, Side lost) {
  auto& context = list.context;
  const bool carried = co_await is_deletion_to_be_carried(list, candidate, lost);
  if (!carried) co_return false;
  auto& there = list.on(other(lost));
  const auto done = co_await there.remove(candidate.path);
  if (!done) co_return false;
  co_await forget(list, candidate);
  context.log.info("deleted", {{"on", there.description()}, {"mailbox", candidate.path.shown()}});
  auto& counts = context.progress.counts;
  ++(lost == Side::Local ? counts.deleted_remote : counts.deleted_local);
  co_return true;
}

// Whether another mailbox has this name on this side, and keeps it.
bool is_taken(const MailboxList& list, const MailboxPath& path, Side side) {
  const auto at = std::ranges::find(list.candidates, path, &Candidate::path);
  return at != list.candidates.end() && is_there(at->on(side)) && !has_left(*at, side);
}

// It was on both sides, and one lacks it now.
asio::awaitable<void> settle_missing(MailboxList& list, Candidate& candidate, Side lost) {
  const bool carried = co_await carry_deletion(list, candidate, lost);
  if (carried) co_return;
  if (lost == Side::Local && list.keeps_deleted) {
    const bool told = co_await list.local.was_told_to_remove(candidate.path, candidate.record->local);
    if (told)
      co_return list.problem(candidate.path, "is deleted on the server when what was copied out of it is there");
  }
  const auto permits = list.context.permits_of(candidate.path);
  if (!permits.removes(other(lost)) && !permits.adds(lost)) {
    list.context.progress.notes.push_back(candidate.path.shown() + ": is no longer on " + list.on(lost).description() +
                                          ", and stays on " + list.on(other(lost)).description());
    co_return;
  }
  const auto at = list.renamed.find(candidate.path);
  const auto* new_path = at == list.renamed.end() ? nullptr : &at->second;
  const auto& side = list.on(lost).description();
  if (const auto hidden = list.hidden.find(candidate.path); new_path == nullptr && hidden != list.hidden.end())
    co_return list.problem(candidate.path, hidden_sentence(hidden->second, side));
  const auto& there = list.on(other(lost)).description();
  if (new_path != nullptr && is_taken(list, *new_path, other(lost)))
    co_return list.problem(candidate.path, taken_sentence(candidate.path, *new_path, side, there));
  list.problem(candidate.path, missing_sentence(candidate.path, new_path, side));
}

asio::awaitable<bool> make_on(MailboxList& list, Candidate& candidate, Side side) {
  auto& replica = list.on(side);
  if (!list.context.permits_of(candidate.path).adds(side)) {
    auto& progress = list.context.progress;
    progress.notes.push_back(candidate.path.shown() + ": is not made on " + replica.description());
    if (side == Side::Remote) ++progress.unsent;
    co_return false;
  }
  const auto*& here = candidate.on(side);
  const auto made = co_await replica.create(candidate.path, candidate.on(other(side))->special_use);
  if (!made) {
    list.problem(candidate.path, "cannot be made on " + replica.description() + ": " + made.error().text);
    co_return false;
  }
  auto& counts = list.context.progress.counts;
  ++(side == Side::Local ? counts.created_local : counts.created_remote);
  list.made.push_back(ReplicaEntry{candidate.path, here && here->subscribed, true, {}, std::nullopt});
  here = &list.made.back();
  co_return true;
}

bool has_both(const MailboxList& list, const MailboxPath& path) {
  const auto at = std::ranges::find(list.candidates, path, &Candidate::path);
  return at != list.candidates.end() && is_there(at->local) && is_there(at->remote);
}

}  // namespace

asio::awaitable<bool> is_deletion_to_be_carried(MailboxList& list, const Candidate& candidate, Side lost) {
  auto& context = list.context;
  const auto path = candidate.path;
  const auto* entry = candidate.on(other(lost));
  if (path.is_inbox() || list.renamed.contains(path) || list.hidden.contains(path) || !entry->state) co_return false;
  if (lost == Side::Local && list.keeps_deleted) co_return false;
  if (!context.permits_of(path).removes(other(lost))) co_return false;
  const auto record = *candidate.record;
  LostMailbox facts{.known = record.on(other(lost)), .now = *entry->state};
  facts.told = co_await list.on(lost).was_told_to_remove(path, record.on(lost));
  facts.paired = co_await context.workers.run([&] { return context.journal.pairs(record.number).size(); });
  for (const auto& [name, one] : list.records) facts.account += one.local.messages;
  co_return is_deletion_carried(facts, context.removals.mailboxes, context.removals.of(lost).fuse);
}

namespace {

// The server's name stays: other clients know it.
asio::awaitable<bool> settle_renamed_twice(MailboxList& list, RenamedTwice one) {
  auto& context = list.context;
  const auto at = list.records.find(one.old_name);
  if (at == list.records.end()) co_return false;  // it went along with its parent
  const auto record = at->second;
  const bool same = co_await is_the_same_mailbox(context, list.local, Side::Local, record, one.here) &&
                    co_await is_the_same_mailbox(context, list.remote, Side::Remote, record, one.there);
  if (!same) {
    list.new_names.erase(one.here);
    list.new_names.erase(one.there);
    std::erase_if(list.renamed_twice, [&](const RenamedTwice& known) { return known.old_name == one.old_name; });
    co_return false;
  }
  // A pass was cut off (carry_renames): the next look finds that it has another name on one side.
  for (const auto& name : {one.here, one.there})
    if (name == resting_name(one.old_name)) {
      co_await rename_records(context, list.records, one.old_name, name);
      co_return true;
    }
  const auto names = "was renamed to " + one.here.shown() + " on " + list.local.description() + " and to " +
                     one.there.shown() + " on " + list.remote.description();
  const bool permitted = context.permits_of(one.old_name).adds(Side::Local);
  const auto done = permitted ? co_await list.local.rename(one.here, one.there)
                              : base::refuse(base::Reason::NotPermitted, "the mode forbids it");
  if (!done) {
    list.problem(one.old_name, names + ", and cannot be renamed on " + list.local.description() + " (" +
                                   done.error().text + "); neither is synchronised until both have one name");
    co_return false;
  }
  co_await rename_records(context, list.records, one.old_name, one.there);
  if (record.subscribed) {
    co_await list.local.set_subscribed(one.there, true);
    co_await list.local.set_subscribed(one.here, false);
  }
  context.progress.notes.push_back(one.old_name.shown() + ": " + names + "; it is called " + one.there.shown() +
                                   " on both now");
  ++context.progress.counts.renamed_local;
  co_return true;
}

// A client of ours has deleted a mailbox, and another one has its name: the deletion comes first.
asio::awaitable<bool> carry_deletion_of_replaced(MailboxList& list, Side side) {
  for (auto& candidate : list.candidates) {
    const bool replaced = has_left(candidate, side) && is_there(candidate.on(side));
    if (!replaced || has_left(candidate, other(side)) || list.renamed.contains(candidate.path)) continue;
    const bool told = co_await list.on(side).was_told_to_remove(candidate.path, candidate.record->on(side));
    const bool carried = told && co_await carry_deletion(list, candidate, side);
    if (carried) co_return true;
  }
  co_return false;
}

// Whether a mailbox that nobody knows has this name on this side.
bool is_made_there(const MailboxList& list, const MailboxPath& path, Side side) {
  const auto at = std::ranges::find(list.candidates, path, &Candidate::path);
  return at != list.candidates.end() && at->record == nullptr && is_there(at->on(side));
}

// Those names of which the mailbox is on neither side any more.
std::set<MailboxPath> left_behind(const MailboxList& list) {
  std::set<MailboxPath> out(list.gone.begin(), list.gone.end());
  for (const auto& one : list.candidates)
    if (has_left(one, Side::Local) && has_left(one, Side::Remote)) out.insert(one.path);
  for (const auto& one : list.renamed_twice) out.erase(one.old_name);
  return out;
}

}  // namespace

asio::awaitable<bool> carry_all_renames(MailboxList& list) {
  for (const auto side : {Side::Local, Side::Remote}) {
    const bool deleted = co_await carry_deletion_of_replaced(list, side);
    if (deleted) co_return true;
    Renamings found;
    std::vector<MailboxPath> waiting;
    for (const auto& candidate : list.candidates) {
      const auto at = list.renamed.find(candidate.path);
      if (!list.context.permits_of(candidate.path).adds(other(side))) continue;
      if (at == list.renamed.end() || !has_left(candidate, side) || has_left(candidate, other(side))) continue;
      if (is_made_there(list, at->second, other(side)))
        waiting.push_back(at->second);
      else
        found.insert(*at);
    }
    std::erase_if(found, [&](const auto& one) {  // what is below a name that waits goes with it
      return std::ranges::any_of(waiting, [&](const MailboxPath& above) { return one.second.is_below(above); });
    });
    if (found.empty()) continue;
    const auto carried = co_await carry_renames(list.context, list.on(side), side, list.on(other(side)), found,
                                                list.records, left_behind(list));
    // A name that another mailbox has now hides nothing: what was not the same mailbox after all is looked at as it is.
    for (const auto& [from, to] : carried.others)
      if (has_both(list, from)) list.renamed.erase(from), list.new_names.erase(to);
    if (carried.has_changed_records || !carried.done.empty()) co_return true;  // the candidates' records are others now
  }
  // After the others: a parent's new name is its children's.
  bool settled = false;
  const auto twice = list.renamed_twice;
  for (const auto& one : twice) settled |= co_await settle_renamed_twice(list, one);
  co_return settled;
}

bool comes_again(const MailboxList& list, const Candidate& candidate) {
  const auto permits = list.context.permits_of(candidate.path);
  return was_on_both(candidate) && !is_there(candidate.local) && is_there(candidate.remote) &&
         !permits.removes(Side::Remote) && permits.adds(Side::Local);
}

asio::awaitable<void> bring_back(MailboxList& list) {
  for (auto& candidate : list.candidates) {
    if (!comes_again(list, candidate)) continue;
    list.context.progress.notes.push_back(candidate.path.shown() + ": is no longer on " + list.local.description() +
                                          ", and is made there again");
    co_await forget(list, candidate);
  }
}

asio::awaitable<void> forget_gone(MailboxList& list) {
  auto& journal = list.context.journal;
  co_await list.context.workers.run([&] {
    store::StateBatch batch;
    for (auto* record : list.unsubscribed) {
      record->subscribed = false;
      journal.put_mailbox(batch, *record);
    }
    if (!batch.writes.empty()) journal.commit(batch, false);
    for (const auto& path : list.gone) {
      if (std::ranges::find(list.renamed_twice, path, &RenamedTwice::old_name) != list.renamed_twice.end())
        continue;  // it is held
      journal.forget_mailbox(list.records.at(path).number);
      list.records.erase(path);
    }
  });
}

bool is_missing_somewhere(const Candidate& candidate) {
  return was_on_both(candidate) && !(is_there(candidate.local) && is_there(candidate.remote));
}

asio::awaitable<bool> make_both(MailboxList& list, Candidate& candidate) {
  if (list.new_names.contains(candidate.path)) co_return false;
  for (const auto side : {Side::Local, Side::Remote}) {
    const auto* here = candidate.on(side);
    const bool known = was_on_both(candidate);
    if (is_there(here)) {
      // Listed, but where it stands was not told: what a Dovecot has that was killed in the middle of CREATE. Whether
      // this is refused shows when it is opened.
      if (!here->state && !known) co_await list.on(side).create(candidate.path, {});
      continue;
    }
    if (known) {
      co_await settle_missing(list, candidate, side);
      co_return false;
    }
    const bool made = co_await make_on(list, candidate, side);
    if (!made) co_return false;
  }
  co_return true;
}

asio::awaitable<void> merge_subscription(MailboxList& list, Candidate& candidate) {
  if (!is_there(candidate.local) || !is_there(candidate.remote) || !candidate.record) co_return;
  auto& record = *candidate.record;
  const bool here = candidate.local->subscribed, there = candidate.remote->subscribed;
  const bool wanted = here != record.subscribed ? here : there;
  const auto permits = list.context.permits_of(candidate.path);
  if ((here != wanted && !permits.adds(Side::Local)) || (there != wanted && !permits.adds(Side::Remote))) co_return;
  base::Result<void> done;
  if (here != wanted) done = co_await list.local.set_subscribed(candidate.path, wanted);
  if (done && there != wanted) done = co_await list.remote.set_subscribed(candidate.path, wanted);
  if (!done) {
    list.problem(candidate.path, "its subscription cannot be changed: " + done.error().text);
    co_return;
  }
  if (record.subscribed == wanted) co_return;
  record.subscribed = wanted;
  co_await list.context.workers.run([&] {
    store::StateBatch batch;
    list.context.journal.put_mailbox(batch, record);
    list.context.journal.commit(batch, false);
  });
}

}  // namespace mirror
