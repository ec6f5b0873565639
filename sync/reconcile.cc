// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// How it goes:
// 1. What has vanished: known UIDs that a side names as vanished, or that a complete listing does not name. Its twin,
//    where it still is, is expunged: deleting beats changing. Both gone: only forgotten.
// 2. What is present and has no twin is new, and is copied to the other side.
// 3. What is present and has a twin: the flags of both sides (those of a side that says nothing are the base's) are
//    merged with the base; each side gets what it lacks. Equal changes of many messages become one action.
#include "sync/reconcile.h"

#include <algorithm>
#include <map>
#include <tuple>
#include <unordered_map>

namespace mirror {

namespace {

using FlagsOf = std::unordered_map<std::uint32_t, const imap::FlagSet*>;

imap::FlagSet without(imap::FlagSet from, const imap::FlagSet& what) {
  from.remove(what);
  return from;
}

imap::FlagSet can_be_kept(const SideChanges& side, const imap::FlagSet& flags) {
  imap::FlagSet out;
  out.set_system_bits(flags.system_bits() & side.keepable.system_bits());
  for (const auto& keyword : flags.keywords())
    if (side.keeps_any_keyword || side.keepable.has(keyword)) out.add(keyword);
  return out;
}

// The flags that a side shows, with the base's where it cannot keep any. What a read-only mailbox shows is what others
// have made of it, and true.
imap::FlagSet opinion(const SideChanges& side, const imap::FlagSet& flags, const imap::FlagSet& base) {
  auto out = flags;
  if (!side.read_only) out.add(without(base, can_be_kept(side, base)));
  return out;
}

// What a side does not take is not agreed: it stays as it was, and is told when the side takes it.
imap::FlagSet agreed_with(const SideChanges& side, const imap::FlagSet& now, imap::FlagSet then) {
  const auto lacking = without(then, now), surplus = without(now, then);
  then.remove(without(lacking, can_be_kept(side, lacking)));
  then.add(without(surplus, can_be_kept(side, surplus)));
  return then;
}

std::string key_of(const imap::FlagSet& flags) {
  std::string out(1, static_cast<char>(flags.system_bits()));
  for (const auto& keyword : flags.keywords()) out += keyword + ' ';
  return out;
}

class Reconciler {
 public:
  Reconciler(const PairTable& base, const SideChanges& local, const SideChanges& remote)
      : base_(base), local_(local), remote_(remote) {}

  Plan run() {
    gone_local_ = vanished(Side::Local);
    gone_remote_ = vanished(Side::Remote);
    gone_local_.for_each([&](imap::Uid uid) { on_vanished(*base_.find(Side::Local, uid)); });
    gone_remote_.for_each([&](imap::Uid uid) {
      const auto& pair = *base_.find(Side::Remote, uid);
      if (!gone_local_.contains(pair.local)) on_vanished(pair);
    });
    index(Side::Local);
    index(Side::Remote);
    for (const auto& seen : local_.present)
      if (const auto* pair = base_.find(Side::Local, seen.uid)) merge(*pair);
    for (const auto& seen : remote_.present)
      if (const auto* pair = base_.find(Side::Remote, seen.uid); pair && !local_flags_.contains(pair->local.value))
        merge(*pair);
    for (auto& [key, action] : actions_) plan_.flags.push_back(std::move(action));
    return std::move(plan_);
  }

 private:
  const SideChanges& changes(Side side) const { return side == Side::Local ? local_ : remote_; }

  imap::UidSet vanished(Side side) const {
    imap::UidSet out;
    const auto& said = changes(side);
    if (said.complete) {
      imap::UidSet present;
      for (const auto& seen : said.present) present.add(seen.uid);
      return base_.uids(side).minus(present).minus(said.unsure);
    }
    if (said.vanished.size() > base_.size()) return base_.uids(side).intersect(said.vanished);
    said.vanished.for_each([&](imap::Uid uid) {
      if (base_.find(side, uid)) out.add(uid);
    });
    return out;
  }

  void on_vanished(const Pair& pair) {
    if (!gone_local_.contains(pair.local)) plan_.expunge_local.add(pair.local);
    if (!gone_remote_.contains(pair.remote)) plan_.expunge_remote.add(pair.remote);
    plan_.forget.push_back(pair.remote);
  }

  void index(Side side) {
    auto& flags = side == Side::Local ? local_flags_ : remote_flags_;
    auto& copy = side == Side::Local ? plan_.copy_from_local : plan_.copy_from_remote;
    for (const auto& seen : changes(side).present) {
      if (base_.find(side, seen.uid))
        flags[seen.uid.value] = &seen.flags;
      else
        copy.add(seen.uid);
    }
  }

  void merge(const Pair& pair) {
    if (gone_local_.contains(pair.local) || gone_remote_.contains(pair.remote)) return;
    const auto l = local_flags_.find(pair.local.value);
    const auto r = remote_flags_.find(pair.remote.value);
    const auto local = l == local_flags_.end() ? pair.flags : opinion(local_, *l->second, pair.flags);
    const auto remote = r == remote_flags_.end() ? pair.flags : opinion(remote_, *r->second, pair.flags);
    if (local == pair.flags && remote == pair.flags) return;
    const auto merged = merge_flags(pair.flags, local, remote);
    act(Side::Local, pair.local, local, merged);
    act(Side::Remote, pair.remote, remote, merged);
    auto agreed = agreed_with(remote_, remote, agreed_with(local_, local, merged));
    if (!(agreed == pair.flags)) plan_.agreed.push_back({pair.remote, std::move(agreed)});
  }

  void act(Side side, imap::Uid uid, const imap::FlagSet& now, const imap::FlagSet& then) {
    add(side, imap::FlagChange::Add, can_be_kept(changes(side), without(then, now)), uid);
    add(side, imap::FlagChange::Remove, can_be_kept(changes(side), without(now, then)), uid);
  }

  void add(Side side, imap::FlagChange change, const imap::FlagSet& flags, imap::Uid uid) {
    if (flags.empty()) return;
    auto& action = actions_[{side, change, key_of(flags)}];
    action.side = side;
    action.change = change;
    action.flags = flags;
    action.uids.add(uid);
  }

  const PairTable& base_;
  const SideChanges& local_;
  const SideChanges& remote_;
  imap::UidSet gone_local_, gone_remote_;
  FlagsOf local_flags_, remote_flags_;
  std::map<std::tuple<Side, imap::FlagChange, std::string>, FlagAction> actions_;
  Plan plan_;
};

}  // namespace

bool Plan::changes(Side side) const {
  const bool local = side == Side::Local;
  if (local && !discard_local.empty()) return true;
  if (!(local ? copy_from_remote : copy_from_local).empty() || !(local ? expunge_local : expunge_remote).empty())
    return true;
  return std::ranges::any_of(flags, [&](const FlagAction& action) { return action.side == side; });
}

bool Plan::empty() const {
  return copy_from_local.empty() && copy_from_remote.empty() && expunge_local.empty() && expunge_remote.empty() &&
         discard_local.empty() && flags.empty() && agreed.empty() && forget.empty();
}

imap::FlagSet merge_flags(const imap::FlagSet& base, const imap::FlagSet& local, const imap::FlagSet& remote) {
  const std::uint8_t b = base.system_bits(), l = local.system_bits(), r = remote.system_bits();
  const auto changed_here = static_cast<std::uint8_t>(l ^ b);
  imap::FlagSet out;
  out.set_system_bits(static_cast<std::uint8_t>((l & changed_here) | (r & static_cast<std::uint8_t>(~changed_here))));
  const auto decide = [&](const std::string& keyword) {
    const bool had = base.has(keyword), here = local.has(keyword), there = remote.has(keyword);
    if (here != had ? here : there) out.add(keyword);
  };
  for (const auto& keyword : base.keywords()) decide(keyword);
  for (const auto& keyword : local.keywords()) decide(keyword);
  for (const auto& keyword : remote.keywords()) decide(keyword);
  return out;
}

Plan reconcile(const PairTable& base, const SideChanges& local, const SideChanges& remote) {
  return Reconciler(base, local, remote).run();
}

}  // namespace mirror
