// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Whether a message that is new here, or gone, was moved is told by notes, which are written with it. So notes that are
// read after a look at a mailbox tell of all that the look has seen.
#include "sync/pass/moves/moves_there.h"

#include <algorithm>

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
    co_await carry_copies(list_, std::move(copies.wanted));
    copies = co_await find_copies_there(list_);
  }
  list_.context.leaving = kept_originals(copies.notes, copies.facts);
  left_ = std::move(copies.wanted);
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
  const auto copies = co_await find_copies_there(list_);
  const auto moved = mailboxes_of_new(copies);
  auto before = list_.context.leaving;
  if (!moved.empty())
    co_await carry();
  else
    list_.context.leaving = kept_originals(copies.notes, copies.facts);
  for (auto& candidate : list_.candidates) {
    if (candidate.record == nullptr || !is_there(candidate.local) || !is_there(candidate.remote)) continue;
    const auto now = list_.context.leaving.find(candidate.path);
    const auto freed = before[candidate.path].minus(now == list_.context.leaving.end() ? imap::UidSet() : now->second);
    if (!freed.empty() || moved.contains(candidate.path)) out.push_back(&candidate);
  }
  co_return out;
}

// What was noted meanwhile may lead over a note to its origin.
asio::awaitable<void> MovesThere::finish() {
  const auto copies = co_await find_copies_there(list_);
  list_.keeps_deleted = is_all_that_is_left(copies.notes, copies.facts);
  if (copies.notes.empty()) co_return;
  const auto now = co_await list_.local.noted_copies();
  if (now == copies.notes) co_await list_.local.forget_copies(needless(copies.notes, copies.facts));
}

}  // namespace mirror
