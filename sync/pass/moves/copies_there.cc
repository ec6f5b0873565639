// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "sync/pass/moves/copies_there.h"

#include <algorithm>

namespace mirror {

namespace {

// What notes name of a mailbox.
struct Named {
  imap::UidSet copies, originals;
};

// A mailbox of this pass, or of others (Scope::of_other_passes).
struct NamedMailbox {
  MailboxPath path;
  const MailboxRecord* record = nullptr;  // nullptr: nothing is known of it
  bool is_ready = false;                  // both sides have it, as it is known
};

class FactFinder {
 public:
  FactFinder(MailboxList& list, const NamedMailbox& mailbox, const Named& named)
      : context_(list.context), list_(list), mailbox_(mailbox), named_(named) {}

  asio::awaitable<MailboxFacts> find() {
    MailboxFacts out{.permits = context_.permits_of(mailbox_.path)};
    const auto opened = co_await list_.local.open(mailbox_.path, Effort::Little);
    if (!opened) co_return out;
    SideChanges said;
    if (mailbox_.record != nullptr && !named_.originals.empty()) {
      const auto& known = mailbox_.record->local;
      said = co_await (*opened)->changes(known, {});
      if (known.uid_validity && !(said.state.uid_validity == known.uid_validity)) co_return out;
    }
    const auto present = co_await (*opened)->present(named_.copies);
    out.unpaired = present.there;
    out.removed = said.said.intersect(named_.originals);
    if (mailbox_.record == nullptr) co_return out;
    co_await context_.workers.run([&] { look_up(out, present.whole); });
    co_return out;
  }

 private:
  void look_up(MailboxFacts& out, imap::UidSet fresh) {
    auto& journal = context_.journal;
    const auto number = mailbox_.record->number;
    if (journal.is_uncertain(number)) return;
    const auto pairs = journal.pairs(number);
    for (const auto* uids : {&named_.copies, &named_.originals})
      uids->for_each([&](imap::Uid uid) {
        if (const auto* pair = pairs.find(Side::Local, uid)) out.pairs.emplace(uid, *pair);
      });
    imap::UidSet paired, begun;
    for (const auto& [uid, pair] : out.pairs) paired.add(uid);
    out.unpaired = out.unpaired.minus(paired);
    for (const auto& [message, absence] : journal.absences(number))
      if (absence.kind == Absence::Kind::Leaves && message.first == Side::Local &&
          named_.originals.contains(message.second))
        out.removed.add(message.second);
    for (const auto& [message, held] : journal.held(number)) {
      if (message.first != Side::Local) continue;
      if (!context_.tries(held)) begun.add(message.second);
      if (held.kind == Held::Kind::Lost) out.unpaired.remove(message.second);  // it may be there: a person says
    }
    for (const auto& intent : journal.intents(number))
      if (intent.to == Side::Remote) begun.add(intent.source);
    if (mailbox_.is_ready) out.fresh = fresh.intersect(out.unpaired).minus(begun);
  }

  PassContext& context_;
  MailboxList& list_;
  const NamedMailbox& mailbox_;
  const Named& named_;
};

std::vector<NamedMailbox> mailboxes_of(const MailboxList& list, const std::map<MailboxPath, Named>& named) {
  std::vector<NamedMailbox> out;
  for (const auto& one : list.candidates) {
    if (!named.contains(one.path) || !is_there(one.local)) continue;
    NamedMailbox mailbox{one.path, one.record};
    if (one.record != nullptr) {
      const auto& record = *one.record;
      const bool known = stands_as_known(one.local, record.local) && stands_as_known(one.remote, record.remote);
      mailbox.is_ready = known || was_made(list, one, Side::Remote);
    }
    out.push_back(std::move(mailbox));
  }
  for (const auto& [path, messages] : named) {
    const bool of_other_passes = list.scope.of_other_passes && list.scope.of_other_passes(path);
    if (is_unlisted(path) || list.scope.matches(path) || !of_other_passes) continue;
    const auto record = list.records.find(path);
    out.push_back({path, record == list.records.end() ? nullptr : &record->second});
  }
  return out;
}

}  // namespace

bool stands_as_known(const ReplicaEntry* entry, const SideState& known) {
  return is_there(entry) && entry->state && known.uid_validity && entry->state->uid_validity == known.uid_validity &&
         !(entry->state->uid_next < known.uid_next);
}

bool was_made(const MailboxList& list, const Candidate& candidate, Side side) {
  return !candidate.record->local.uid_validity && !candidate.record->remote.uid_validity &&
         std::ranges::any_of(list.made, [&](const ReplicaEntry& made) { return &made == candidate.on(side); });
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
  for (const auto& mailbox : mailboxes_of(list, named)) {
    FactFinder finder(list, mailbox, named.at(mailbox.path));
    auto found = co_await finder.find();
    out.facts.emplace(mailbox.path, std::move(found));
  }
  out.wanted = plan_copies(out.notes, out.facts);
  co_return out;
}

}  // namespace mirror
