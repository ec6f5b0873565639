// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "sync/journal/refused_messages.h"

#include <algorithm>

namespace mirror {

namespace {

constexpr std::size_t kNamed = 20;

constexpr std::int64_t kFirstPause = 600, kLongestPause = 86400;  // seconds

}  // namespace

std::int64_t pause_after(std::uint32_t tries) {
  auto out = kFirstPause;
  for (std::uint32_t i = 1; i < tries && out < kLongestPause; ++i) out *= 2;
  return std::min(out, kLongestPause);
}

std::vector<std::string> sentences(const MailboxPath& mailbox, const HeldMessages& held) {
  std::vector<std::string> out;
  for (const auto& [message, one] : held) {
    if (out.size() == kNamed) {
      out.push_back(mailbox.shown() + ": so it is with " + std::to_string(held.size() - kNamed) + " other messages");
      break;
    }
    const auto& [side, uid] = message;
    out.push_back(
        mailbox.shown() + ": message UID " + std::to_string(uid.value) + " of the " + name_of(side) + " side " +
        (one.kind == Held::Kind::Refused ? "cannot be copied: " : "was copied, and is not sent again: ") + one.why);
  }
  return out;
}

}  // namespace mirror
