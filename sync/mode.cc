// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// How it goes:
// 1. Copies and removals towards a side that is not to be changed are dropped; a pair of which one message is removed
//    on one side alone is not forgotten.
// 2. So are flag changes. What is agreed then is what the other side has: it goes on to be followed.
// 3. Where what differs here is put back: a message that only this side has is discarded, one that was removed here is
//    copied again, a flag change is undone.
#include "sync/mode.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

namespace mirror {

namespace {

constexpr std::pair<std::string_view, Mode> kModes[] = {
    {"both", Mode::Both}, {"mirror", Mode::Mirror}, {"backup", Mode::Backup}, {"send", Mode::Send}};

class Restriction {
 public:
  Restriction(Plan& plan, const PairTable& base, const Permits& permits)
      : plan_(plan), base_(base), permits_(permits) {}

  Withheld run() {
    for (const auto side : {Side::Local, Side::Remote}) {
      if (!permits_.adds(side)) drop_copies(side);
      if (!permits_.removes(side)) drop_removals(side);
    }
    if (!kept_.empty()) std::erase_if(plan_.forget, [&](imap::Uid remote) { return kept_.contains(remote); });
    drop_flags();
    return out_;
  }

 private:
  void drop_copies(Side to) {
    auto& copies = to == Side::Local ? plan_.copy_from_remote : plan_.copy_from_local;
    if (to == Side::Remote && permits_.put_back)
      plan_.discard_local = copies;
    else
      out_.on(to).messages += copies.size();
    copies = {};
  }

  void drop_removals(Side side) {
    auto& removals = side == Side::Local ? plan_.expunge_local : plan_.expunge_remote;
    removals.for_each([&](imap::Uid uid) { kept_.insert(base_.find(side, uid)->remote); });
    if (side == Side::Remote && permits_.put_back)
      plan_.copy_from_remote.add(removals);
    else
      out_.on(side).removals += removals.size();
    removals = {};
  }

  void drop_flags() {
    std::map<imap::Uid, Agreed*> agreed;
    for (auto& one : plan_.agreed) agreed[one.remote] = &one;
    std::vector<FlagAction> left;
    for (auto& action : plan_.flags) {
      if (permits_.adds(action.side)) {
        left.push_back(std::move(action));
        continue;
      }
      const bool adds = action.change == imap::FlagChange::Add;
      imap::UidSet twins;
      action.uids.for_each([&](imap::Uid uid) {
        const auto& pair = *base_.find(action.side, uid);
        twins.add(pair.uid(other(action.side)));
        const auto at = agreed.find(pair.remote);
        if (at == agreed.end()) return;
        adds ? at->second->flags.remove(action.flags) : at->second->flags.add(action.flags);
      });
      if (action.side == Side::Remote && permits_.put_back)
        left.push_back({Side::Local, adds ? imap::FlagChange::Remove : imap::FlagChange::Add, action.flags, twins});
      else
        out_.on(action.side).flags += action.uids.size();
    }
    plan_.flags = std::move(left);
    std::erase_if(plan_.agreed, [&](const Agreed& one) {
      const auto* pair = base_.find(Side::Remote, one.remote);
      return pair != nullptr && pair->flags == one.flags;
    });
  }

  Plan& plan_;
  const PairTable& base_;
  const Permits& permits_;
  std::set<imap::Uid> kept_;  // pairs, by their remote UIDs
  Withheld out_;
};

}  // namespace

std::optional<Mode> mode_of(std::string_view word) {
  const auto* at = std::ranges::find(kModes, word, &std::pair<std::string_view, Mode>::first);
  return at == std::end(kModes) ? std::nullopt : std::optional(at->second);
}

const char* name_of(Mode mode) {
  return std::ranges::find(kModes, mode, &std::pair<std::string_view, Mode>::second)->first.data();
}

Permits Permits::of(Mode mode) {
  switch (mode) {
    case Mode::Mirror: return {.there = false, .put_back = true};
    case Mode::Backup: return {.remove_here = false, .there = false};
    case Mode::Send: return {.add_here = false, .remove_here = false};
    default: return {};
  }
}

std::vector<std::string> sentences(const Withheld& withheld) {
  std::vector<std::string> out;
  for (const auto& [side, where] : {std::pair(&withheld.local, "here"), {&withheld.remote, "there"}}) {
    std::string what;
    const auto add = [&](std::uint64_t n, const char* one, const char* many) {
      if (n > 0) what += (what.empty() ? "" : ", ") + std::to_string(n) + (n == 1 ? one : many);
    };
    add(side->messages, " message", " messages");
    add(side->removals, " removal", " removals");
    add(side->flags, " flag change", " flag changes");
    if (!what.empty()) out.push_back(std::string("not taken ") + where + ": " + what);
  }
  return out;
}

Withheld restrict_plan(Plan& plan, const PairTable& base, const Permits& permits) {
  if (permits == Permits{}) return {};
  return Restriction(plan, base, permits).run();
}

}  // namespace mirror
