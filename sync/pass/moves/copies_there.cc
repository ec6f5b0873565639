// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "sync/pass/moves/copies_there.h"

#include <algorithm>
#include <map>

namespace mirror {

namespace {

struct Named {
  imap::UidSet copies, originals;
};

asio::awaitable<MailboxFacts> facts_of(MailboxList& list, const Candidate& candidate, const Named& named) {
  auto& context = list.context;
  const auto& record = *candidate.record;
  MailboxFacts out{.permits = context.permits_of(candidate.path)};
  const auto opened = co_await list.local.open(candidate.path, Effort::Little);
  if (!opened) co_return out;
  const auto said = co_await (*opened)->changes(record.local, {});
  if (record.local.uid_validity && !(said.state.uid_validity == record.local.uid_validity)) co_return out;
  co_await context.workers.run([&] {
    if (context.journal.is_uncertain(record.number)) return;
    for (const auto& seen : said.present)
      if (named.copies.contains(seen.uid)) out.fresh.add(seen.uid);
    const auto pairs = context.journal.pairs(record.number);
    named.copies.for_each([&](imap::Uid uid) {
      if (pairs.find(Side::Local, uid)) out.fresh.remove(uid);
    });
    for (const auto* uids : {&named.copies, &named.originals})
      uids->for_each([&](imap::Uid uid) {
        if (const auto* pair = pairs.find(Side::Local, uid)) out.pairs.emplace(uid, *pair);
      });
    for (const auto& [message, held] : context.journal.held(record.number))
      if (message.first == Side::Local) out.fresh.remove(message.second);
    for (const auto& intent : context.journal.intents(record.number))
      if (intent.to == Side::Remote) out.fresh.remove(intent.source);
    out.removed = said.said.intersect(named.originals);
  });
  co_return out;
}

}  // namespace

bool stands_as_known(const ReplicaEntry* entry, const SideState& known) {
  return is_there(entry) && entry->state && known.uid_validity && entry->state->uid_validity == known.uid_validity &&
         !(entry->state->uid_next < known.uid_next);
}

bool was_made_there(const MailboxList& list, const Candidate& candidate) {
  return std::ranges::any_of(list.made, [&](const ReplicaEntry& made) { return &made == candidate.remote; });
}

asio::awaitable<CopiesThere> find_copies_there(MailboxList& list) {
  CopiesThere out;
  out.notes = co_await list.local.noted_copies();
  if (out.notes.empty()) co_return out;
  std::map<MailboxPath, Named> named;
  for (const auto& note : out.notes) {
    named[note.copy.mailbox].copies.add(note.copy.uid);
    named[note.original.mailbox].originals.add(note.original.uid);
  }
  std::map<MailboxPath, MailboxFacts> facts;
  for (const auto& candidate : list.candidates) {
    const auto at = named.find(candidate.path);
    if (at == named.end() || candidate.record == nullptr) continue;
    const auto& record = *candidate.record;
    const bool known =
        stands_as_known(candidate.local, record.local) && stands_as_known(candidate.remote, record.remote);
    const bool is_new = !record.local.uid_validity && is_there(candidate.local) && was_made_there(list, candidate);
    if (!known && !is_new) continue;
    auto found = co_await facts_of(list, candidate, at->second);
    facts.emplace(candidate.path, std::move(found));
  }
  out.wanted = plan_copies(out.notes, facts);
  co_return out;
}

}  // namespace mirror
