// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// LostConnections: whether a pass can go on with the other mailboxes after one has failed. A connection that breaks in
// one mailbox, perhaps at a message there, says nothing about the others: they use another one, a few times. At its end
// the pass has failed all the same.
#pragma once

#include <optional>

#include "sync/replica.h"

namespace mirror {

class LostConnections {
 public:
  static constexpr int kMost = 3;  // in one pass

  // was_open: the mailbox had been opened on both sides; else there is no connection to be had.
  bool can_go_on(const Failure& failure, bool was_open) {
    const bool of_mailbox = dynamic_cast<const MailboxFailure*>(&failure) != nullptr;
    const bool lost = dynamic_cast<const MailboxConnectionLost*>(&failure) != nullptr;
    const bool broken = was_open && failure.reason == base::Reason::ConnectionLost;
    if (!of_mailbox && (!broken || ++broken_ > kMost)) return false;
    if (!of_mailbox || lost) last_.emplace(failure.reason, failure.what());
    return true;
  }

  void throw_last() const {
    if (last_) throw Failure(*last_);
  }

 private:
  int broken_ = 0;
  std::optional<Failure> last_;
};

}  // namespace mirror
