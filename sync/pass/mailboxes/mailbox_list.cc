// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "sync/pass/mailboxes/mailbox_list.h"

#include <algorithm>

#include "sync/pass/mailboxes/renamed_mailboxes.h"

namespace mirror {

asio::awaitable<void> MailboxList::read_journal() {
  co_await context.workers.run([this] {
    for (auto& record : context.journal.mailboxes()) records.emplace(record.path, record);
    held = context.journal.all_held();
    absences = context.journal.all_absences();
  });
}

asio::awaitable<void> MailboxList::look() {
  candidates.clear();
  gone.clear();
  renamed.clear();
  new_names.clear();
  renamed_twice.clear();
  hidden.clear();
  unsubscribed.clear();
  local_entries_ = co_await local.list();
  remote_entries_ = co_await remote.list();
  gather();
  for (const auto side : {Side::Local, Side::Remote}) look_for_renamed(side);
  look_for_renamed_twice();
}

void MailboxList::gather() {
  std::map<MailboxPath, Candidate> all;
  const auto take = [&](const std::vector<ReplicaEntry>& entries, const ReplicaEntry* Candidate::* side) {
    for (const auto& entry : entries) all[entry.path].*side = &entry;
  };
  take(local_entries_, &Candidate::local);
  take(remote_entries_, &Candidate::remote);
  const auto is_subscribed = [](const Candidate& one) {
    return (one.local && one.local->subscribed) || (one.remote && one.remote->subscribed);
  };
  const auto is_parent = [&](const MailboxPath& path) {
    return scope.with_parents && std::ranges::any_of(all, [&](const auto& one) {
             return one.first.is_below(path) && is_subscribed(one.second);
           });
  };
  for (auto& [path, candidate] : all) {
    candidate.path = path;
    if (!scope.matches(path) || (!is_there(candidate.local) && !is_there(candidate.remote))) continue;
    const bool subscribed = is_subscribed(candidate) || is_parent(path);
    if (const auto at = records.find(path); at != records.end()) candidate.record = &at->second;
    if (scope.only_subscribed && !subscribed) {
      if (candidate.record && candidate.record->subscribed) unsubscribed.push_back(candidate.record);
      continue;
    }
    candidates.push_back(candidate);
  }
  for (const auto& [path, record] : records) {
    const auto at = all.find(path);
    const bool is_gone = at == all.end() || (!is_there(at->second.local) && !is_there(at->second.remote));
    if (is_gone && scope.matches(path)) gone.push_back(path);
  }
  // INBOX first.
  const auto inbox = std::ranges::find_if(candidates, [](const Candidate& one) { return one.path.is_inbox(); });
  if (inbox != candidates.end()) std::rotate(candidates.begin(), inbox, inbox + 1);
  context.progress.counts.mailboxes = candidates.size();
}

bool has_left(const Candidate& candidate, Side side) {
  if (candidate.record == nullptr) return false;
  const auto* entry = candidate.on(side);
  if (!is_there(entry)) return true;
  const auto& known = candidate.record->on(side).uid_validity;
  return entry->state && known && !(entry->state->uid_validity == known);
}

WhereItStands MailboxList::listed_on(Side side) const {
  WhereItStands out;
  for (const auto& entry : side == Side::Local ? local_entries_ : remote_entries_)
    if (entry.exists && entry.state) out.emplace_back(entry.path, *entry.state);
  return out;
}

// What may be one that had another name: it was never on both sides, or stands where another one stood.
std::set<MailboxPath> MailboxList::unknown_on(Side side) const {
  std::set<MailboxPath> out;
  for (const auto& one : candidates)
    if (!one.record || (has_left(one, side) && is_there(one.on(side)))) out.insert(one.path);
  return out;
}

// What has another name on one side. It waits under both names until it was renamed on the other side too.
void MailboxList::look_for_renamed(Side side) {
  WhereItStands missing;
  for (const auto& one : candidates)
    if (has_left(one, side) && !has_left(one, other(side))) missing.emplace_back(one.path, one.record->on(side));
  const auto listed = listed_on(side);
  std::set<MailboxPath> left_out;
  for (const auto& [path, state] : listed)
    if (!scope.matches(path)) left_out.insert(path);
  for (const auto& [old_path, new_path] : find_renamed(missing, listed, left_out)) hidden.emplace(old_path, new_path);
  for (const auto& [old_path, new_path] : find_renamed(missing, listed, unknown_on(side))) {
    renamed.emplace(old_path, new_path);
    new_names.insert(new_path);
  }
}

// What has left its name on both sides. Neither new one is made on the other side before it is settled.
void MailboxList::look_for_renamed_twice() {
  WhereItStands missing[2];
  const auto take = [&](const MailboxRecord& record) {
    missing[0].emplace_back(record.path, record.local);
    missing[1].emplace_back(record.path, record.remote);
  };
  for (const auto& path : gone) take(records.at(path));
  for (const auto& one : candidates)
    if (has_left(one, Side::Local) && has_left(one, Side::Remote)) take(*one.record);
  if (missing[0].empty()) return;
  const auto here = find_renamed(missing[0], listed_on(Side::Local), unknown_on(Side::Local));
  const auto there = find_renamed(missing[1], listed_on(Side::Remote), unknown_on(Side::Remote));
  for (const auto& [old_path, name_here] : here) {
    const auto at = there.find(old_path);
    if (at == there.end() || at->second == name_here) continue;
    renamed_twice.push_back({old_path, name_here, at->second});
    new_names.insert({name_here, at->second});
  }
}

void MailboxList::report_left_out() {
  for (const auto* side : {&local, &remote})
    for (const auto& one : side->left_out()) {
      if (one.path.empty()) {
        good = false;
        context.progress.problems.push_back(one.why);
      } else if (scope.matches(one.path)) {
        problem(one.path, one.why);
      }
    }
}

void MailboxList::count_losses() {
  for (const auto side : {Side::Local, Side::Remote}) {
    std::vector<std::pair<SideState, SideState>> states;
    for (const auto& one : candidates) {
      const auto* entry = one.on(side);
      if (!one.record || !is_there(entry) || !entry->state) continue;
      states.emplace_back(one.record->on(side), *entry->state);
    }
    auto& rules = side == Side::Local ? context.removals.local : context.removals.remote;
    rules.account_lost = has_lost_too_much(states, rules.fuse);
  }
}

void MailboxList::problem(const MailboxPath& path, const std::string& text) {
  good = false;
  context.progress.problems.push_back(path.shown() + ": " + text);
}

}  // namespace mirror
