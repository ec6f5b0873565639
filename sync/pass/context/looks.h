// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Looks: which mailboxes of a plain IMAP server (no MODSEQ) need no look in this pass, since STATUS counts the same
// messages and the same unseen ones as at the last look. Other flags that change there change neither: each mailbox is
// looked at again after some minutes, and whenever a person asks for a pass.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "sync/mailbox_path.h"
#include "sync/replica.h"

namespace mirror {

class Looks {
 public:
  using Clock = std::chrono::system_clock;
  static constexpr std::chrono::minutes kAgain{10};

  Looks() = default;
  // As text() has said; what is not understood counts as never looked at.
  explicit Looks(std::string_view text);
  // For another process, in which the same mailboxes need no look either.
  std::string text() const;

  bool need_none(const ReplicaEntry& entry, Clock::time_point now = Clock::now()) const {
    const auto at = looks_.find(entry.path);
    return at != looks_.end() && entry.state && entry.state->uid_next && *entry.state == at->second.state &&
           entry.unseen == at->second.unseen && now >= at->second.when && now - at->second.when < kAgain;
  }
  // entry: as it was listed before the look, which went well.
  void note(const ReplicaEntry& entry, Clock::time_point now = Clock::now()) {
    if (entry.state && !entry.state->modseq) looks_[entry.path] = {*entry.state, entry.unseen, now};
  }
  void forget(const MailboxPath& path) { looks_.erase(path); }

  // Both sides stand still and count other numbers of unseen messages: true once of the same numbers. One of them hides
  // a change, or cannot keep one.
  bool is_new_difference(const MailboxPath& path, std::uint64_t here, std::uint64_t there) {
    if (here == there) return false;
    return std::exchange(differences_[path], std::pair(here, there)) != std::pair(here, there);
  }

 private:
  struct Look {
    SideState state;
    std::optional<std::uint64_t> unseen;
    Clock::time_point when;
  };
  std::map<MailboxPath, Look> looks_;
  std::map<MailboxPath, std::pair<std::uint64_t, std::uint64_t>> differences_;
};

}  // namespace mirror
