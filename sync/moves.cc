// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// How it goes:
// 1. A copy that is still here, and that the other side has nothing of, is followed to its original; where the other
//    side does not know that either, to the original's original, as far as notes tell. Where it knows none of them,
//    another copy of one of them will do: another client may have moved the original.
// 2. An original that is still here is copied. One that a client of ours has removed is moved by the first of its
//    copies, and is copied for the others, which come before. One that is only gone is copied: whether it is removed
//    there is another question (sync/removals.h).
// 3. What a mode forbids is left to others.
// 4. As long as the other side has nothing of a copy, its original stays there, whatever became of it here: a server
//    without room takes neither a copy nor a text, and would be left with nothing.
// 5. A note is needed as long as a copy without a twin leads over it to its origin.
#include "sync/moves.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <tuple>

#include "sync/message_mark.h"

namespace mirror {

namespace {

using Facts = std::map<MailboxPath, MailboxFacts>;

struct Original {
  MailboxPath mailbox;
  const MailboxFacts* facts;
  const Pair* pair;
};

std::optional<Original> known_at(const MessagePlace& place, const Facts& facts) {
  const auto known = facts.find(place.mailbox);
  if (known == facts.end()) return std::nullopt;
  const auto pair = known->second.pairs.find(place.uid);
  if (pair == known->second.pairs.end()) return std::nullopt;
  return Original{place.mailbox, &known->second, &pair->second};
}

using Notes = std::map<MessagePlace, MessagePlace>;  // copy and original

Notes by_copy(const std::vector<NotedCopy>& notes) {
  Notes out;
  for (const auto& note : notes) out.emplace(note.copy, note.original);
  return out;
}

bool is_unpaired(const MessagePlace& copy, const Facts& facts) {
  const auto at = facts.find(copy.mailbox);
  return at != facts.end() && at->second.unpaired.contains(copy.uid) && at->second.permits.adds(Side::Remote);
}

// The first message on the way from a copy to its origin that both sides have.
std::optional<Original> original_of(MessagePlace place, const Notes& made_of, const Facts& facts) {
  std::set<MessagePlace> met;
  for (auto at = made_of.find(place); at != made_of.end() && met.insert(place).second; at = made_of.find(place)) {
    place = at->second;
    if (const auto known = known_at(place, facts)) return known;
  }
  return std::nullopt;
}

// The same, or another copy of what it was made of.
std::optional<Original> source_of(const MessagePlace& copy, const Notes& made_of, const Facts& facts) {
  if (const auto original = original_of(copy, made_of, facts)) return original;
  std::set<MessagePlace> met;
  for (auto at = made_of.find(copy); at != made_of.end() && met.insert(at->second).second;)
    at = made_of.find(at->second);
  for (const auto& [other, origin] : made_of)
    if (met.contains(origin))
      if (const auto known = known_at(other, facts)) return known;
  return std::nullopt;
}

}  // namespace

std::vector<CopyThere> plan_copies(const std::vector<NotedCopy>& notes, const Facts& facts) {
  const auto made_of = by_copy(notes);
  std::vector<CopyThere> out;
  std::set<MessagePlace> moved;
  for (const auto& [copy, origin] : made_of) {
    const auto into = facts.find(copy.mailbox);
    if (into == facts.end() || !into->second.fresh.contains(copy.uid) || !into->second.permits.adds(Side::Remote))
      continue;
    const auto original = source_of(copy, made_of, facts);
    if (!original) continue;
    const bool goes = original->facts->removed.contains(original->pair->local) &&
                      original->facts->permits.removes(Side::Remote) &&
                      moved.insert({original->mailbox, original->pair->local}).second;
    out.push_back({copy, original->mailbox, *original->pair, goes ? Manner::Move : Manner::Copy});
  }
  std::ranges::sort(out, {}, [](const CopyThere& one) {
    return std::tuple(one.manner, one.mailbox, one.copy.mailbox, one.original.remote);
  });
  return out;
}

std::map<imap::Uid, imap::Uid> made_by_others(const std::vector<CopyThere>& wanted, const std::vector<Identity>& here,
                                              const std::vector<Identity>& come) {
  std::map<imap::Uid, imap::Uid> out;
  for (const auto& one : wanted) {
    const auto copy = std::ranges::find(here, one.copy.uid, &Identity::uid);
    if (copy == here.end() || copy->message_id.empty()) continue;
    if (one.original.mark != 0 && one.original.mark != mark_of(copy->message_id)) continue;
    const auto fits = [&](const Identity& other) {
      return other.message_id == copy->message_id && other.size == copy->size &&
             other.internal_date == copy->internal_date;
    };
    if (std::ranges::count_if(here, fits) != 1 || std::ranges::count_if(come, fits) != 1) continue;
    out.emplace(copy->uid, std::ranges::find_if(come, fits)->uid);
  }
  return out;
}

std::map<MailboxPath, imap::UidSet> kept_originals(const std::vector<NotedCopy>& notes, const Facts& facts) {
  const auto made_of = by_copy(notes);
  std::map<MailboxPath, imap::UidSet> out;
  for (const auto& [copy, origin] : made_of)
    if (is_unpaired(copy, facts))
      if (const auto original = source_of(copy, made_of, facts)) out[original->mailbox].add(original->pair->local);
  for (const auto& [copy, origin] : made_of) {
    const auto into = facts.find(copy.mailbox);
    if (into == facts.end() || !into->second.pairs.contains(copy.uid)) continue;
    if (const auto original = original_of(copy, made_of, facts)) out[original->mailbox].remove(original->pair->local);
  }
  std::erase_if(out, [](const auto& one) { return one.second.empty(); });
  return out;
}

bool is_all_that_is_left(const std::vector<NotedCopy>& notes, const Facts& facts) {
  const auto made_of = by_copy(notes);
  return std::ranges::any_of(made_of, [&](const auto& note) {
    auto place = note.second;
    std::set<MessagePlace> met;
    for (auto at = made_of.find(place); at != made_of.end() && met.insert(place).second; at = made_of.find(place))
      place = at->second;
    return is_unlisted(place.mailbox) && is_unpaired(note.first, facts);
  });
}

std::vector<NotedCopy> needless(const std::vector<NotedCopy>& notes, const Facts& facts) {
  const auto made_of = by_copy(notes);
  std::set<MessagePlace> needed;
  for (const auto& [copy, origin] : made_of) {
    if (!is_unpaired(copy, facts)) continue;
    auto place = copy;
    for (auto at = made_of.find(place); at != made_of.end() && needed.insert(place).second; at = made_of.find(place))
      place = at->second;
  }
  std::vector<NotedCopy> out;
  std::ranges::copy_if(notes, std::back_inserter(out),
                       [&](const NotedCopy& note) { return !needed.contains(note.copy); });
  return out;
}

bool is_original(const Pair& original, const Identity& there, const Identity& copy) {
  if (original.mark != 0 && original.mark != mark_of(there.message_id)) return false;
  if (there.message_id != copy.message_id) return false;
  return !there.message_id.empty() || (there.size == copy.size && there.internal_date == copy.internal_date);
}

bool is_original_of(const CopyThere& wanted, const Identity& there, const Identity& copy) {
  const bool same = there.size == copy.size && there.internal_date == copy.internal_date;
  return is_original(wanted.original, there, copy) && (wanted.is_told || same);
}

}  // namespace mirror
