// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Whether a message that is new here, or gone, was moved is told by notes, which are written with it. So notes that are
// read after a look at a mailbox tell of all that the look has seen.
#include "sync/pass/moves/moves_there.h"

#include <algorithm>
#include <map>

#include "sync/pass/moves/begun_copies.h"
#include "sync/pass/moves/carry_copies.h"

namespace mirror {

MovesThere::MovesThere(MailboxList& list) : list_(list) {
  list_.context.moved_since = [this](const MailboxPath& mailbox) { return moved_since(mailbox); };
}

MovesThere::~MovesThere() {
  list_.context.moved_since = {};
  list_.context.leaving.clear();
}

asio::awaitable<void> MovesThere::carry() {
  auto copies = co_await find_copies_there(list_);
  const bool settled = co_await settle_begun(list_, copies);
  if (settled) copies = co_await find_copies_there(list_);
  for (const auto& note : copies.notes) known_.insert(note.copy);
  if (!copies.wanted.empty()) {
    const auto arrived = co_await carry_copies(list_, copies.wanted);
    for (const auto& [copy, pair] : arrived) {
      auto& into = copies.facts.at(copy.mailbox);
      into.unpaired.remove(copy.uid);
      into.pairs.insert_or_assign(copy.uid, pair);
    }
    std::erase_if(copies.wanted, [&](const CopyThere& one) { return arrived.contains(one.copy); });
  }
  set_leaving(copies);
  found_ = std::move(copies);
}

void MovesThere::set_leaving(const CopiesThere& copies) {
  auto& leaving = list_.context.leaving;
  leaving = kept_originals(copies.notes, copies.facts);
  for (const auto& one : kept_) leaving[one.mailbox].add(one.original.local);
}

void MovesThere::keep(std::vector<CopyThere> copies) {
  kept_ = std::move(copies);
  set_leaving(found_);
}

// Of those that are kept. On a worker.
void MovesThere::forget_arrived() {
  std::map<MailboxPath, PairTable> pairs;
  std::erase_if(kept_, [&](const CopyThere& one) {
    const auto [into, is_new] = pairs.try_emplace(one.copy.mailbox);
    if (is_new) into->second = list_.context.journal.pairs(list_.records.at(one.copy.mailbox).number);
    return into->second.find(Side::Local, one.copy.uid) != nullptr;
  });
}

bool MovesThere::is_known(const std::vector<NotedCopy>& notes) const {
  return std::ranges::all_of(notes, [&](const NotedCopy& note) { return known_.contains(note.copy); });
}

asio::awaitable<PassContext::MovedSince> MovesThere::moved_since(MailboxPath mailbox) {
  PassContext::MovedSince out;
  const auto notes = co_await list_.local.noted_copies();
  for (const auto& note : notes) {
    if (known_.contains(note.copy)) continue;
    if (note.copy.mailbox == mailbox) out.copies.add(note.copy.uid);
    if (note.original.mailbox == mailbox) out.originals.add(note.original.uid);
  }
  co_return out;
}

std::set<MailboxPath> MovesThere::mailboxes_of_new(const CopiesThere& copies) const {
  std::set<MailboxPath> out;
  for (const auto& note : copies.notes) {
    const auto into = copies.facts.find(note.copy.mailbox);
    if (known_.contains(note.copy) || into == copies.facts.end() || !into->second.unpaired.contains(note.copy.uid))
      continue;
    out.insert(note.copy.mailbox);
    out.insert(note.original.mailbox);
  }
  return out;
}

asio::awaitable<std::vector<Candidate*>> MovesThere::next_round() {
  std::vector<Candidate*> out;
  const auto notes = co_await list_.local.noted_copies();
  if (list_.context.leaving.empty() && is_known(notes)) co_return out;
  if (!kept_.empty()) co_await list_.context.workers.run([this] { forget_arrived(); });
  const auto copies = co_await find_copies_there(list_);
  const auto moved = mailboxes_of_new(copies);
  auto before = list_.context.leaving;
  if (!moved.empty())
    co_await carry();
  else
    set_leaving(copies);
  for (auto& candidate : list_.candidates) {
    if (candidate.record == nullptr || !is_there(candidate.local) || !is_there(candidate.remote)) continue;
    const auto now = list_.context.leaving.find(candidate.path);
    const auto freed = before[candidate.path].minus(now == list_.context.leaving.end() ? imap::UidSet() : now->second);
    if (!freed.empty() || moved.contains(candidate.path)) out.push_back(&candidate);
  }
  co_return out;
}

// What was noted meanwhile may lead over a note to its origin. Notes of what was sent as a text are left to the next
// pass.
asio::awaitable<void> MovesThere::finish() {
  if (is_all_that_is_left(found_.notes, found_.facts)) found_ = co_await find_copies_there(list_);
  list_.keeps_deleted = is_all_that_is_left(found_.notes, found_.facts);
  if (found_.notes.empty()) co_return;
  const auto now = co_await list_.local.noted_copies();
  if (now == found_.notes) co_await list_.local.forget_copies(needless(found_.notes, found_.facts));
}

}  // namespace mirror
