// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "sync/journal/refused_messages.h"

namespace mirror {

namespace {

constexpr std::size_t kNamed = 20;

}  // namespace

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
