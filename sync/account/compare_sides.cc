// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "sync/account/compare_sides.h"

namespace mirror {

namespace {

std::string uid_text(imap::Uid uid) { return std::to_string(uid.value); }

void compare_pair(std::vector<std::string>& out, const std::string& both, const CheckedMessage& here,
                  const CheckedMessage& there) {
  if (!here.digest.empty() && !there.digest.empty() && here.digest != there.digest)
    out.push_back(both + " differ in their text");
  if (!(here.flags == there.flags)) out.push_back(both + " differ in their flags");
  if (here.internal_date && there.internal_date && *here.internal_date != *there.internal_date)
    out.push_back(both + " differ in their internal date");
}

}  // namespace

std::vector<std::string> compare_sides(const PairTable& pairs, const CheckedSide& here, const CheckedSide& there) {
  std::vector<std::string> out;
  for (const auto* side : {&here, &there}) {
    if (!side->doubt.empty()) out.push_back(side->doubt);
    side->unread.for_each([&](imap::Uid uid) {
      out.push_back((side == &here ? "local UID " : "remote UID ") + uid_text(uid) + " cannot be read");
    });
  }
  for (const auto& [uid, message] : there.messages)
    if (!pairs.find(Side::Remote, uid) && !there.unread.contains(uid))
      out.push_back("remote UID " + uid_text(uid) + " is not here");
  for (const auto& [uid, message] : here.messages) {
    if (here.unread.contains(uid)) continue;
    const auto* pair = pairs.find(Side::Local, uid);
    const auto name = "local UID " + uid_text(uid);
    if (pair == nullptr) {
      out.push_back(name + " is not on the remote side");
      continue;
    }
    const auto twin = there.messages.find(pair->remote);
    if (twin == there.messages.end())
      out.push_back(name + ": its twin, remote UID " + uid_text(pair->remote) + ", is gone");
    else if (!there.unread.contains(pair->remote))
      compare_pair(out, name + " and remote UID " + uid_text(pair->remote), message, twin->second);
  }
  pairs.for_each([&](const Pair& pair) {
    if (!here.messages.contains(pair.local) && there.messages.contains(pair.remote))
      out.push_back("remote UID " + uid_text(pair.remote) + ": its twin, local UID " + uid_text(pair.local) +
                    ", is gone");
  });
  return out;
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
