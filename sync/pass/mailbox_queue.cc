// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "sync/pass/mailbox_queue.h"

#include <asio/this_coro.hpp>

#include <algorithm>

#include "sync/pass/absent_messages.h"
#include "sync/pass/mailbox_sync.h"
#include "sync/pass/pairing/strangers.h"
#include "sync/started.h"

namespace mirror {

namespace {

constexpr std::uint64_t kBulk = 64;  // new messages from which on more connections are worth their cost

bool stands_still(const ReplicaEntry& entry, const SideState& known) {
  return entry.state && known.modseq && *entry.state == known;
}

std::uint64_t arrived(const ReplicaEntry& entry, const SideState& known) {
  if (!entry.state) return kBulk;
  if (!known.uid_next) return entry.state->messages;
  return entry.state->uid_next < known.uid_next ? 0 : entry.state->uid_next.value - known.uid_next.value;
}

std::uint64_t amount_of(const Candidate& candidate) {
  return arrived(*candidate.local, candidate.record->local) + arrived(*candidate.remote, candidate.record->remote);
}

}  // namespace

void MailboxQueue::add(Candidate& candidate) {
  if (candidate.is_witness) return;  // was done
  if (!candidate.record) {
    const auto [at, added] = list_.records.emplace(candidate.path, context_.journal.add_mailbox(candidate.path));
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
bool MailboxQueue::has_to_try(const MailboxRecord& record) {
  const auto at = list_.held.find(record.number);
  if (at == list_.held.end()) return false;
  const auto is_time = [&](const auto& entry) {
    return entry.second.kind == Held::Kind::Lost || context_.tries(entry.second);
  };
  if (std::ranges::any_of(at->second, is_time)) return true;
  list_.good = false;
  for (auto& sentence : sentences(record.path, at->second, context_.names))
    context_.progress.problems.push_back(std::move(sentence));
  return false;
}

bool MailboxQueue::has_losses_to_settle(const MailboxRecord& record) {
  const auto at = list_.absences.find(record.number);
  return at != list_.absences.end() && has_to_settle(context_, record, at->second);
}

// A MODSEQ that stands still while flags change: the number of unseen messages is another witness.
bool MailboxQueue::hides_a_change(const Candidate& candidate) const {
  const auto &here = candidate.local->unseen, &there = candidate.remote->unseen;
  // Where they have not as many messages, it is known that they differ.
  return context_.looks && here && there && candidate.remote->state->modseq &&
         candidate.local->state->messages == candidate.remote->state->messages &&
         context_.looks->is_new_difference(candidate.path, *here, *there);
}

// A person who asks for a pass gets one that looks.
bool MailboxQueue::needs_no_look(const Candidate& candidate) const {
  return context_.looks && !context_.looks_at_all && candidate.record->remote.uid_validity && candidate.remote->state &&
         !candidate.remote->state->modseq && context_.looks->need_none(*candidate.remote);
}

asio::awaitable<void> MailboxQueue::synchronise() {
  if (to_do_.empty()) co_return;
  const auto wanted = amount_ < kBulk ? std::size_t{1} : std::min(list_.local.parallel(), list_.remote.parallel());
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
  lost_.throw_last();
}

asio::awaitable<void> MailboxQueue::work() {
  while (!to_do_.empty()) {
    auto& candidate = *to_do_.front();
    to_do_.pop_front();
    try {
      co_await synchronise(candidate);
    } catch (const Failure& failure) {
      if (goes_on(candidate, failure)) continue;
      to_do_.clear();
      throw;
    } catch (...) {
      to_do_.clear();
      throw;
    }
  }
}

asio::awaitable<bool> MailboxQueue::ask(Candidate& witness) {
  add(witness);
  witness.is_witness = true;
  co_await synchronise();
  co_return !context_.progress.strangers;
}

// False: the other mailboxes cannot be synchronised either.
bool MailboxQueue::goes_on(Candidate& candidate, const Failure& failure) {
  if (candidate.is_witness && dynamic_cast<const StrangersFailure*>(&failure) != nullptr) {
    context_.progress.strangers = true;
    list_.problem(candidate.path, failure.what() + std::string("; ") + kOthersWait);
    return true;
  }
  if (!lost_.can_go_on(failure, candidate.is_open)) return false;
  list_.problem(candidate.path, failure.what());
  if (dynamic_cast<const LookConnectionLost*>(&failure) == nullptr || candidate.careful) return true;
  candidate.careful = true;
  to_do_.push_back(&candidate);
  return true;
}

asio::awaitable<void> MailboxQueue::synchronise(Candidate& candidate) {
  const auto effort = amount_of(candidate) >= kBulk ? Effort::Bulk : Effort::Little;
  const auto remote = co_await list_.remote.open(candidate.path, effort);
  const auto local = co_await list_.local.open(candidate.path, effort);
  if (!remote || !local) {
    list_.problem(candidate.path, (remote ? local.error() : remote.error()).text);
    co_return;
  }
  candidate.is_open = true;
  if (candidate.careful) (*local)->look_carefully();
  if (candidate.careful) (*remote)->look_carefully();
  const bool good = co_await sync_mailbox(context_, *candidate.record, **local, **remote);
  list_.good = list_.good && good;
  if (context_.looks && good)
    context_.looks->note(*candidate.remote);
  else if (context_.looks)
    context_.looks->forget(candidate.path);
}

}  // namespace mirror
