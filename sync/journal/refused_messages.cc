// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "sync/journal/refused_messages.h"

#include <algorithm>

namespace mirror {

namespace {

constexpr std::size_t kNamed = 20;

constexpr std::int64_t kFirstPause = 600, kLongestPause = 86400;  // seconds

std::string sentence(const MailboxPath& mailbox, const HeldMessages::key_type& message, const Held& held,
                     const SideNames& names) {
  const auto [side, uid] = message;
  const auto name =
      (held.name.empty() ? "a message (UID " + std::to_string(uid.value) + ")" : held.name) + " on " + names.of(side);
  const auto& there = names.of(other(side));
  if (held.kind == Held::Kind::Lost)
    return name + " was copied to " + there + ", and is not sent again: " + held.why +
           ". Where it is not there, `postern repair " + mailbox.shown() + "` sends it again";
  return name + " cannot be copied to " + there + ": " + held.why +
         ". Each `postern sync` tries it again; to be done with it, delete it or move it to another mailbox";
}

}  // namespace

std::int64_t pause_after(std::uint32_t tries) {
  auto out = kFirstPause;
  for (std::uint32_t i = 1; i < tries && out < kLongestPause; ++i) out *= 2;
  return std::min(out, kLongestPause);
}

std::vector<std::string> sentences(const MailboxPath& mailbox, const HeldMessages& held, const SideNames& names) {
  std::vector<std::string> out;
  for (const auto& [message, one] : held) {
    if (out.size() == kNamed) {
      out.push_back(mailbox.shown() + ": so it is with " + std::to_string(held.size() - kNamed) + " other messages");
      break;
    }
    out.push_back(mailbox.shown() + ": " + sentence(mailbox, message, one, names));
  }
  return out;
}

}  // namespace mirror
