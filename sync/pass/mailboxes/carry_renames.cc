// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// How it goes:
// 1. New names that are above others come before these, so that none is made by the way. What is below a name goes
// along with
//    it on the other side, and its records too: those of it that were renamed in the same way need nothing more, the
//    others are renamed from where they are by then.
// 2. A name that another mailbox has, which is to be renamed itself, waits for that. Where all wait for each other
//    (two have exchanged their names), one goes to a name of its own for a moment (resting_name).
// 3. The state comes last. Cut off before, the next pass finds the mailbox of the new name missing nowhere, and the old
//    one on neither side, and pairs the messages anew; the one that rests is found under its resting name.
#include "sync/pass/mailboxes/carry_renames.h"

#include <algorithm>
#include <utility>

#include "sync/message_mark.h"

namespace mirror {

namespace {

constexpr std::size_t kSample = 30;

// Spread over the mailbox, of those that have a mark.
std::vector<Pair> sample_of(const PairTable& pairs) {
  std::vector<Pair> all;
  pairs.for_each([&](const Pair& pair) {
    if (pair.mark != 0) all.push_back(pair);
  });
  std::ranges::sort(all, {}, &Pair::remote);
  if (all.size() <= kSample) return all;
  std::vector<Pair> out;
  for (std::size_t i = 0; i < kSample; ++i) out.push_back(all[i * all.size() / kSample]);
  return out;
}

MailboxPath moved(const MailboxPath& path, const MailboxPath& from, const MailboxPath& to) {
  return MailboxPath(to.text() + path.text().substr(from.text().size()));
}

struct Task {
  std::uint32_t number;  // of the record
  MailboxPath from, to;
  bool done = false, refused = false, is_another = false;  // another: not the mailbox that had the old name
  bool ended() const { return done || refused || is_another; }
};

std::vector<Task> in_order(const Renamings& found, const std::map<MailboxPath, MailboxRecord>& records) {
  std::vector<Task> out;
  for (const auto& [from, to] : found)
    if (const auto at = records.find(from); at != records.end() && !from.is_inbox() && !to.is_inbox())
      out.push_back({at->second.number, from, to});
  std::ranges::sort(out, {},
                    [](const Task& one) { return std::pair(std::ranges::count(one.to.text(), '\0'), one.from); });
  return out;
}

}  // namespace

asio::awaitable<bool> is_the_same_mailbox(PassContext& context, Replica& side, Side which, MailboxRecord record,
                                          MailboxPath new_path) {
  const auto pairs = co_await context.workers.run([&] { return context.journal.pairs(record.number); });
  const auto sample = sample_of(pairs);
  if (sample.empty()) co_return true;
  const auto opened = co_await side.open(new_path, Effort::Little);
  if (!opened) co_return false;
  const auto& known = which == Side::Local ? record.local : record.remote;
  const auto now = co_await (*opened)->changes(known, pairs.uids(which));  // selects it
  if (!(now.state.uid_validity == known.uid_validity)) co_return false;
  imap::UidSet uids;
  for (const auto& pair : sample) uids.add(pair.uid(which));
  const auto there = co_await (*opened)->identities(uids);
  std::size_t same = 0;
  for (const auto& one : there) {
    const auto* pair = pairs.find(which, one.uid);
    if (pair == nullptr || pair->mark != mark_of(one.message_id)) co_return false;
    ++same;
  }
  co_return same * 2 >= sample.size();
}

asio::awaitable<void> rename_records(PassContext& context, std::map<MailboxPath, MailboxRecord>& records,
                                     MailboxPath from, MailboxPath to) {
  std::vector<MailboxRecord> changed;
  for (const auto& [path, record] : records)
    if (path == from || path.is_below(from)) changed.push_back(record);
  for (const auto& record : changed) records.erase(record.path);
  for (auto& record : changed) {
    record.path = moved(record.path, from, to);
    records.insert_or_assign(record.path, record);
  }
  co_await context.workers.run([&] {
    store::StateBatch batch;
    for (const auto& record : changed) context.journal.put_mailbox(batch, record);
    context.journal.commit(batch, true);
  });
}

MailboxPath resting_name(const MailboxPath& path) { return MailboxPath(path.text() + "-is-being-renamed"); }

namespace {

class Carrier {
 public:
  Carrier(PassContext& context, Replica& side, Side which, Replica& other,
          std::map<MailboxPath, MailboxRecord>& records, const std::set<MailboxPath>& left_behind)
      : context_(context), side_(side), which_(which), other_(other), records_(records), left_behind_(left_behind) {}

  asio::awaitable<CarriedRenames> carry(const Renamings& found) {
    auto tasks = in_order(found, records_);
    for (bool goes_on = true; goes_on;) {
      goes_on = false;
      for (auto& task : tasks) {
        if (task.ended() || is_in_the_way(task) || waits_for_a_parent(task, tasks)) continue;
        co_await carry(task);
        goes_on = true;
      }
      if (!goes_on) goes_on = co_await make_way(tasks);
    }
    CarriedRenames out{.has_changed_records = has_changed_records_};
    for (const auto& task : tasks) {
      if (task.done) out.done.emplace(task.from, task.to);
      if (task.is_another) out.others.emplace(task.from, task.to);
    }
    co_return out;
  }

 private:
  const MailboxRecord* record_of(const Task& task) const {
    const auto at = std::ranges::find(records_, task.number, [](const auto& one) { return one.second.number; });
    return at == records_.end() ? nullptr : &at->second;
  }

  // Whether another mailbox has the new name.
  bool is_in_the_way(const Task& task) const {
    const auto at = records_.find(task.to);
    return at != records_.end() && at->second.number != task.number && !left_behind_.contains(task.to);
  }

  static bool waits_for_a_parent(const Task& task, const std::vector<Task>& tasks) {
    return std::ranges::any_of(tasks, [&](const Task& one) { return !one.ended() && task.to.is_below(one.to); });
  }

  asio::awaitable<void> carry(Task& task) {
    const auto* known = record_of(task);
    task.refused = known == nullptr;
    if (task.refused) co_return;
    const auto record = *known;
    const bool same = co_await is_the_same_mailbox(context_, side_, which_, record, task.to);
    task.is_another = !same;
    if (!same) co_return;
    if (record.path != task.to) {
      co_await forget_left_behind(task);
      const bool renamed = co_await rename(record.path, task.to, task);
      task.refused = !renamed;
      if (!renamed) co_return;
    }
    if (record.subscribed) {  // not all servers take it along
      co_await other_.set_subscribed(task.to, true);
      co_await other_.set_subscribed(record.path, false);
      if (record.path != task.from) co_await other_.set_subscribed(task.from, false);
    }
    context_.log.info("renamed", {{"on", other_.description()}, {"from", task.from.shown()}, {"to", task.to.shown()}});
    auto& counts = context_.progress.counts;
    ++(which_ == Side::Local ? counts.renamed_remote : counts.renamed_local);
    task.done = true;
  }

  asio::awaitable<void> forget_left_behind(const Task& task) {
    const auto at = records_.find(task.to);
    if (at == records_.end() || at->second.number == task.number) co_return;
    const auto number = at->second.number;
    has_changed_records_ = true;
    records_.erase(at);
    co_await context_.workers.run([&] { context_.journal.forget_mailbox(number); });
  }

  asio::awaitable<bool> rename(MailboxPath now, MailboxPath to, const Task& task) {
    const auto renamed = co_await other_.rename(now, to);
    if (!renamed) {
      auto sentence = task.from.shown() + ": was renamed to " + task.to.shown() + " on " + side_.description() +
                      ", and cannot be renamed on " + other_.description() + ": " + renamed.error().text;
      auto& problems = context_.progress.problems;
      if (std::ranges::find(problems, sentence) == problems.end()) problems.push_back(std::move(sentence));
      co_return false;
    }
    has_changed_records_ = true;
    co_await rename_records(context_, records_, now, to);
    co_return true;
  }

  // The one that has this one's new name, and is to be renamed too.
  Task* before(const Task& task, std::vector<Task>& tasks) const {
    const auto at = records_.find(task.to);
    if (at == records_.end()) return nullptr;
    const auto blocking = std::ranges::find(tasks, at->second.number, &Task::number);
    return blocking == tasks.end() || blocking->ended() ? nullptr : &*blocking;
  }

  bool waits_for_itself(const Task& task, std::vector<Task>& tasks) const {
    const auto* at = before(task, tasks);
    for (std::size_t i = 0; at != nullptr && at != &task && i < tasks.size(); ++i) at = before(*at, tasks);
    return at == &task;
  }

  // One of those that wait for each other rests elsewhere, or is out of it. False: there is none.
  asio::awaitable<bool> make_way(std::vector<Task>& tasks) {
    for (auto& task : tasks) {
      if (task.ended() || !waits_for_itself(task, tasks)) continue;
      const auto* known = record_of(task);
      if (known == nullptr) continue;
      const auto record = *known;
      const bool same = co_await is_the_same_mailbox(context_, side_, which_, record, task.to);
      task.is_another = !same;
      if (same) task.refused = !co_await rename(record.path, resting_name(record.path), task);
      co_return true;
    }
    co_return false;
  }

  PassContext& context_;
  Replica& side_;
  Side which_;
  Replica& other_;
  std::map<MailboxPath, MailboxRecord>& records_;
  const std::set<MailboxPath>& left_behind_;
  bool has_changed_records_ = false;
};

}  // namespace

asio::awaitable<CarriedRenames> carry_renames(PassContext& context, Replica& side, Side which, Replica& other,
                                              Renamings found, std::map<MailboxPath, MailboxRecord>& records,
                                              std::set<MailboxPath> left_behind) {
  Carrier carrier(context, side, which, other, records, left_behind);
  co_return co_await carrier.carry(found);
}

}  // namespace mirror
