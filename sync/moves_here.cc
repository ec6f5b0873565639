// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "sync/moves_here.h"

#include <algorithm>
#include <map>
#include <string>
#include <tuple>

namespace mirror {

namespace {

// What comes without any connection with what has gone is asked for in vain: about 200 octets each.
constexpr std::uint64_t kComePerLost = 50;
constexpr std::uint64_t kComeAnyway = 500;
// A mailbox without MODSEQ is listed whole for it, and once more when it is synchronised: about 40 octets a message.
constexpr std::uint64_t kListedPerMove = 100;

std::uint64_t sum(const std::vector<Counted>& mailboxes, std::uint64_t (Counted::*of)() const) {
  std::uint64_t out = 0;
  for (const auto& one : mailboxes) out += (one.*of)();
  return out;
}

using Key = std::tuple<std::string, std::uint64_t, std::int64_t>;

Key key_of(const Identity& one) { return {one.message_id, one.size, one.internal_date}; }

}  // namespace

std::uint64_t Counted::grown() const {
  if (!known.uid_validity) return now.messages;
  return known.uid_next && known.uid_next < now.uid_next ? now.uid_next.value - known.uid_next.value : 0;
}

std::uint64_t Counted::lost() const {
  const auto most = known.messages + grown();
  return most > now.messages ? most - now.messages : 0;
}

std::vector<MailboxPath> worth_a_look(const std::vector<Counted>& mailboxes) {
  const auto lost = sum(mailboxes, &Counted::lost), come = sum(mailboxes, &Counted::grown);
  if (lost == 0 || come == 0 || come > lost * kComePerLost + kComeAnyway) return {};
  std::vector<const Counted*> losers, both, gainers;
  for (const auto& one : mailboxes) {
    const bool loses = one.lost() > 0, gains = one.grown() > 0;
    const bool dear = !one.now.modseq && one.now.messages > std::min(lost, come) * kListedPerMove;
    if (dear || (!loses && !gains)) continue;
    (loses && gains ? both : loses ? losers : gainers).push_back(&one);
  }
  // Somewhere a message must have gone, and have come somewhere else.
  const auto from = losers.size() + both.size(), to = gainers.size() + both.size();
  if (from == 0 || to == 0 || (from == 1 && to == 1 && both.size() == 1)) return {};
  std::vector<MailboxPath> out;
  for (const auto* group : {&losers, &both, &gainers})
    for (const auto* one : *group) out.push_back(one->mailbox);
  return out;
}

std::vector<MoveHere> match_moves(const std::vector<LostThere>& lost, const std::vector<NewThere>& come) {
  std::map<Key, std::vector<const LostThere*>> gone;
  for (const auto& one : lost) gone[key_of(one.here)].push_back(&one);
  std::map<Key, std::vector<const NewThere*>> there;
  for (const auto& one : come) there[key_of(one.there)].push_back(&one);
  std::vector<MoveHere> out;
  for (const auto& [key, from] : gone) {
    const auto to = there.find(key);
    if (std::get<std::string>(key).empty() || to == there.end() || from.size() != 1 || to->second.size() != 1) continue;
    if (from.front()->mailbox == to->second.front()->mailbox) continue;
    out.push_back({*from.front(), *to->second.front()});
  }
  std::ranges::sort(
      out, {}, [](const MoveHere& one) { return std::tuple(one.from.mailbox, one.to.mailbox, one.from.pair.local); });
  return out;
}

}  // namespace mirror
