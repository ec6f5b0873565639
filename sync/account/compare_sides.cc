// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "sync/account/compare_sides.h"

namespace mirror {

namespace {

std::string uid_text(imap::Uid uid) { return std::to_string(uid.value); }

// Those of its flags that the other one has not.
imap::FlagSet without(imap::FlagSet flags, const imap::FlagSet& others) {
  flags.remove(others);
  return flags;
}

// Whether a side's flags are those of the last agreement where it has others than its twin: all that differs was
// changed on the other side. `other`: its twin's.
bool is_as_agreed(const imap::FlagSet& agreed, const imap::FlagSet& side, const imap::FlagSet& other) {
  const auto only_here = without(side, other), only_there = without(other, side);
  return without(only_here, agreed).empty() && without(only_there, agreed) == only_there;
}

class Comparing {
 public:
  Comparing(const Agreement& agreed, const CheckedSide& here, const CheckedSide& there)
      : agreed_(agreed), here_(here), there_(there) {}

  Comparison run() {
    for (const auto* side : {&here_, &there_}) {
      if (!side->doubt.empty()) say(side->doubt);
      side->unread.for_each([&](imap::Uid uid) {
        say((side == &here_ ? "local UID " : "remote UID ") + uid_text(uid) + " cannot be read");
      });
    }
    for (const auto& [uid, message] : there_.messages)
      if (!agreed_.pairs.find(Side::Remote, uid) && !there_.unread.contains(uid))
        lacks(Side::Local, "remote UID " + uid_text(uid) + " is not here");
    for (const auto& [uid, message] : here_.messages)
      if (!here_.unread.contains(uid)) about(uid, message);
    agreed_.pairs.for_each([&](const Pair& pair) {
      if (!here_.messages.contains(pair.local) && there_.messages.contains(pair.remote))
        has_lost(Side::Local,
                 "remote UID " + uid_text(pair.remote) + ": its twin, local UID " + uid_text(pair.local) + ", is gone");
    });
    return std::move(out_);
  }

 private:
  void say(std::string what) { out_.differences.push_back(std::move(what)); }

  // A message that a side never had. Where what differs here is put back, the next pass does it.
  void lacks(Side side, std::string what) {
    if (agreed_.permits.adds(side) || agreed_.permits.put_back) return say(std::move(what));
    ++out_.withheld.on(side).messages;
  }

  // A message that a side has no more, and the other one should not have then.
  void has_lost(Side side, std::string what) {
    if (agreed_.permits.removes(other(side)) || agreed_.permits.put_back) return say(std::move(what));
    ++out_.withheld.on(other(side)).removals;
  }

  void about(imap::Uid uid, const CheckedMessage& message) {
    const auto* pair = agreed_.pairs.find(Side::Local, uid);
    const auto name = "local UID " + uid_text(uid);
    if (pair == nullptr) return lacks(Side::Remote, name + " is not on the remote side");
    const auto twin = there_.messages.find(pair->remote);
    if (twin == there_.messages.end())
      has_lost(Side::Remote, name + ": its twin, remote UID " + uid_text(pair->remote) + ", is gone");
    else if (!there_.unread.contains(pair->remote))
      compare(*pair, name + " and remote UID " + uid_text(pair->remote), message, twin->second);
  }

  void compare(const Pair& pair, const std::string& both, const CheckedMessage& here, const CheckedMessage& there) {
    const bool other_text = !here.digest.empty() && !there.digest.empty() && here.digest != there.digest;
    if (other_text) say(both + " differ in their text");
    if (!(here.flags == there.flags)) compare_flags(pair, both, here.flags, there.flags);
    if (!here.internal_date || !there.internal_date || *here.internal_date == *there.internal_date) return;
    const OtherDates dates{{}, *here.internal_date, *there.internal_date};
    const auto at = agreed_.dates.find(pair.remote);
    const bool known = at != agreed_.dates.end() && at->second.here == dates.here && at->second.there == dates.there;
    if (known || (agreed_.accepts_dates && !other_text))
      out_.known_dates[pair.remote] = dates;
    else
      say(both + " differ in their internal date");
  }

  void compare_flags(const Pair& pair, const std::string& both, const imap::FlagSet& here, const imap::FlagSet& there) {
    const auto& permits = agreed_.permits;
    if (!permits.adds(Side::Remote) && !permits.put_back && is_as_agreed(pair.flags, there, here))
      ++out_.withheld.remote.flags;
    else if (!permits.adds(Side::Local) && is_as_agreed(pair.flags, here, there))
      ++out_.withheld.local.flags;
    else
      say(both + " differ in their flags");
  }

  const Agreement& agreed_;
  const CheckedSide &here_, &there_;
  Comparison out_;
};

}  // namespace

Comparison compare_sides(const Agreement& agreed, const CheckedSide& here, const CheckedSide& there) {
  return Comparing(agreed, here, there).run();
}

bool is_remembered(const ComparedTexts& compared, imap::Uid remote, const CheckedMessage& message,
                   imap::UidValidity uid_validity) {
  const auto at = compared.find(remote);
  return at != compared.end() && at->second.uid_validity == uid_validity && at->second.size == message.size &&
         message.internal_date;  // the side has described it
}

TextsToCompare texts_to_compare(const PairTable& pairs, const CheckedSide& here, const CheckedSide& there,
                                const ComparedTexts& compared, const TextRules& rules) {
  TextsToCompare out;
  std::uint64_t octets = 0;
  for (const auto& [uid, message] : there.messages) {
    const auto* pair = pairs.find(Side::Remote, uid);
    if (pair != nullptr && !here.messages.contains(pair->local)) continue;
    if (!rules.forgets && is_remembered(compared, uid, message, rules.uid_validity)) {
      ++out.remembered;
    } else if (octets > rules.octets || message.size > rules.octets - octets) {
      ++out.left;
    } else {
      octets += message.size;
      out.there.add(uid);
      if (pair != nullptr) out.here.add(pair->local);
    }
  }
  return out;
}

}  // namespace mirror
