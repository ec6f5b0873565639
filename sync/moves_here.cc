// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "sync/moves_here.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <string>
#include <tuple>

#include "sync/message_mark.h"

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

// What tells one message from all others; empty Message-ID: nothing does.
using Key = std::tuple<std::string, std::string, std::uint64_t, std::int64_t>;

Key by_server(const Identity& one) { return {one.object_id, one.message_id, 0, 0}; }
Key by_header(const Identity& one) { return {{}, one.message_id, one.size, one.internal_date}; }

class Matcher {
 public:
  Matcher(const std::vector<LostThere>& lost, const std::vector<NewThere>& come) {
    for (const auto& one : lost) lost_.push_back(&one);
    for (const auto& one : come) come_.push_back(&one);
  }

  // Those that are alone on both sides with their key, and of which `is_same` says so. What was found is not looked at
  // again.
  template <class IsSame>
  void match(Key (*key_of)(const Identity&), IsSame is_same, std::vector<MoveHere>& out) {
    std::map<Key, std::vector<const LostThere*>> gone;
    std::map<Key, std::vector<const NewThere*>> there;
    for (const auto* one : lost_) gone[key_of(one->here)].push_back(one);
    for (const auto* one : come_) there[key_of(one->there)].push_back(one);
    for (const auto& [key, from] : gone) {
      const auto to = there.find(key);
      if (to == there.end() || from.size() != 1 || to->second.size() != 1) continue;
      const auto* one = from.front();
      const auto* other = to->second.front();
      if (one->mailbox == other->mailbox || !is_same(*one, *other)) continue;
      out.push_back({*one, *other});
      found_.insert({one, other});
    }
    std::erase_if(lost_, [&](const auto* one) { return found_.contains(one); });
    std::erase_if(come_, [&](const auto* one) { return found_.contains(one); });
  }

 private:
  std::vector<const LostThere*> lost_;
  std::vector<const NewThere*> come_;
  std::set<const void*> found_;
};

bool is_draft(const LostThere& lost, const NewThere& come) {
  return lost.pair.flags.has(imap::Flag::Draft) || come.there.flags.has(imap::Flag::Draft);
}

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

std::vector<MoveHere> match_moves(const std::vector<LostThere>& lost, const std::vector<NewThere>& come,
                                  const std::set<std::uint64_t>& marks_here) {
  std::vector<MoveHere> out, told;
  Matcher matcher(lost, come);
  matcher.match(
      by_server,
      [](const LostThere& one, const NewThere& other) {
        const bool named = !one.here.message_id.empty() || one.here.size == other.there.size;
        return !one.here.object_id.empty() && named;
      },
      told);
  matcher.match(
      by_header,
      [](const LostThere& one, const NewThere& other) {
        const bool differ = !one.here.object_id.empty() && !other.there.object_id.empty();
        return !one.here.message_id.empty() && !differ && !is_draft(one, other);
      },
      out);
  for (auto& one : out) one.in_doubt = marks_here.contains(mark_of(one.to.there.message_id));
  std::ranges::move(told, std::back_inserter(out));
  std::ranges::sort(
      out, {}, [](const MoveHere& one) { return std::tuple(one.from.mailbox, one.to.mailbox, one.from.pair.local); });
  return out;
}

}  // namespace mirror
