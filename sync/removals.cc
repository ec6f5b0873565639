// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// How it goes, for each side that has lost messages:
// 0. What has a copy of which the other side has nothing yet stays there, and it is noted that it was said.
// 1. What was said to be removed (by a client of ours) goes on the other side at once, however much it is.
// 2. Of the rest it is only known that it is gone. What is new of it is noted with the time.
// 3. Too much of it (the fuse; nothing is left of a mailbox here; too much over all mailboxes), and it is held, with
//    what was noted before: it stays so until a person allows it or the messages are back.
// 4. Else it goes when it has waited long enough.
// What a person has allowed goes. A clock that was set back makes it wait anew.
#include "sync/removals.h"

#include <algorithm>

namespace mirror {

namespace {

using Kind = Absence::Kind;

bool is_shown(const SideChanges& said, imap::Uid uid) {
  return std::ranges::binary_search(said.present, uid, {}, &Seen::uid);
}

class Scale {
 public:
  Scale(Plan& plan, const PairTable& base, const RemovalRules& rules, Absences& absences, Weighed& out)
      : plan_(plan), base_(base), rules_(rules), absences_(absences), out_(out) {}

  void weigh(Side lost, const SideChanges& changes) {
    const auto& said = changes.said;
    auto& removals = lost == Side::Local ? plan_.expunge_remote : plan_.expunge_local;
    auto& losses = lost == Side::Local ? out_.local : out_.remote;
    losses.of = base_.size();
    keep_leaving(lost, changes, removals);
    std::vector<const Pair*> doubtful;
    removals.for_each([&](imap::Uid uid) {
      const auto& pair = *base_.find(other(lost), uid);
      const auto kind = kind_of(lost, pair);
      const bool goes = said.contains(pair.uid(lost)) || kind == Kind::Allowed || kind == Kind::Leaves;
      if (!goes) doubtful.push_back(&pair);
    });
    if (doubtful.empty()) return;
    losses.why = why_held(lost, doubtful.size(), removals.size());
    imap::UidSet kept;
    for (const auto* pair : doubtful)
      if (is_kept(lost, *pair, losses)) kept.add(pair->uid(other(lost))), kept_.add(pair->remote);
    removals = removals.minus(kept);
    if (losses.held > 0 && losses.why == Losses::Why::None) losses.why = Losses::Why::Before;
  }

  void finish() {
    if (!kept_.empty()) std::erase_if(plan_.forget, [&](imap::Uid remote) { return kept_.contains(remote); });
  }

 private:
  void keep_leaving(Side lost, const SideChanges& changes, imap::UidSet& removals) {
    if (changes.leaving.empty()) return;
    imap::UidSet kept;
    removals.for_each([&](imap::Uid uid) {
      const auto& pair = *base_.find(other(lost), uid);
      const auto here = pair.uid(lost);
      if (!changes.leaving.contains(here)) return;
      kept.add(uid);
      kept_.add(pair.remote);
      const auto kind = changes.said.contains(here) ? Kind::Leaves : Kind::Waits;
      const auto [at, is_new] = absences_.try_emplace({lost, here}, Absence{kind, rules_.now});
      if (is_new) out_.changed.insert_or_assign({lost, here}, at->second);
    });
    removals = removals.minus(kept);
  }

  Kind kind_of(Side lost, const Pair& pair) const {
    const auto at = absences_.find({lost, pair.uid(lost)});
    return at == absences_.end() ? Kind::Waits : at->second.kind;
  }

  Losses::Why why_held(Side lost, std::uint64_t doubtful, std::uint64_t all) const {
    const auto& rules = rules_.of(lost);
    const auto was = base_.size() - (all - doubtful);  // without what was said to be removed
    if (rules.holds_emptied && doubtful >= was && doubtful > 1) return Losses::Why::Emptied;
    if (rules.fuse.is_blown_by(doubtful, was)) return Losses::Why::Fuse;
    return rules.account_lost ? Losses::Why::Account : Losses::Why::None;
  }

  bool is_kept(Side lost, const Pair& pair, Losses& losses) {
    const auto& rules = rules_.of(lost);
    const std::pair key(lost, pair.uid(lost));
    const auto [at, is_new] = absences_.try_emplace(key, Absence{Kind::Waits, rules_.now});
    auto& absence = at->second;
    const auto before = absence;
    if (losses.why != Losses::Why::None) absence.kind = Kind::Held;
    absence.since = std::min(absence.since, rules_.now);
    const bool goes = absence.kind == Kind::Waits && rules_.now - absence.since >= rules.wait;
    if (goes && is_new) return false;  // nothing is to be written down
    if (is_new || !(absence == before)) out_.changed.insert_or_assign(key, absence);
    if (!goes) ++(absence.kind == Kind::Held ? losses.held : losses.waiting);
    return !goes;
  }

  Plan& plan_;
  const PairTable& base_;
  const RemovalRules& rules_;
  Absences& absences_;
  Weighed& out_;
  imap::UidSet kept_;  // by their remote UIDs
};

}  // namespace

void recall_absences(const Absences& absences, Side side, SideChanges& said) {
  for (const auto& [key, absence] : absences)
    if (key.first == side && !is_shown(said, key.second)) said.vanished.add(key.second);
}

Weighed weigh_removals(Plan& plan, const PairTable& base, const SideChanges& local, const SideChanges& remote,
                       const RemovalRules& rules, Absences& absences) {
  Weighed out;
  std::erase_if(absences, [&](const auto& entry) {
    const auto& [side, uid] = entry.first;
    const bool over = base.find(side, uid) == nullptr || is_shown(side == Side::Local ? local : remote, uid);
    if (over) out.over.emplace_back(side, uid);
    return over;
  });
  Scale scale(plan, base, rules, absences, out);
  scale.weigh(Side::Local, local);
  scale.weigh(Side::Remote, remote);
  scale.finish();
  return out;
}

bool is_deletion_carried(const LostMailbox& lost, DeleteMailboxes rule, const Fuse& fuse) {
  if (rule == DeleteMailboxes::No || (!lost.told && rule != DeleteMailboxes::Yes)) return false;
  const bool same = lost.now.uid_validity && lost.now.uid_validity == lost.known.uid_validity &&
                    lost.now.uid_next == lost.known.uid_next && lost.now.messages <= lost.paired;
  return same && !fuse.is_blown_by(lost.now.messages, lost.account);
}

bool has_lost_too_much(const std::vector<std::pair<SideState, SideState>>& known_and_now, const Fuse& fuse) {
  std::uint64_t lost = 0, all = 0;
  for (const auto& [known, now] : known_and_now) {
    all += known.messages;
    if (known.messages > now.messages) lost += known.messages - now.messages;
  }
  return fuse.is_blown_by(lost, all);
}

}  // namespace mirror
