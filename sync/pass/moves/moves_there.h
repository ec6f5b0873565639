// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// MovesThere: what clients of ours have copied and moved here, over a pass: it is done on the remote side, and what has
// not arrived there leaves nothing behind that would be lost.
#pragma once

#include <asio/awaitable.hpp>

#include <set>
#include <vector>

#include "sync/moves.h"
#include "sync/pass/mailboxes/mailbox_list.h"
#include "sync/pass/moves/copies_there.h"

namespace mirror {

// As long as it lives, the list's context says what is not to be removed there (leaving), and what has been moved since
// (moved_since).
class MovesThere {
 public:
  explicit MovesThere(MailboxList& list);
  ~MovesThere();
  MovesThere(const MovesThere&) = delete;
  MovesThere& operator=(const MovesThere&) = delete;

  // Before the mailboxes are synchronised, which sends as texts what could not be copied there.
  asio::awaitable<void> carry();
  // Originals of other messages that are here and that the other side has not yet.
  void keep(std::vector<CopyThere> copies);
  // What could not be copied or moved.
  const std::vector<CopyThere>& left() const { return found_.wanted; }
  // When they were: carries what has been moved meanwhile. The mailboxes to be synchronised again: those of that, and
  // those in which something may go now that was kept until then.
  asio::awaitable<std::vector<Candidate*>> next_round();
  // At the end: whether mailboxes may be deleted there, and which notes nobody needs any more.
  asio::awaitable<void> finish();

 private:
  asio::awaitable<PassContext::MovedSince> moved_since(MailboxPath mailbox);
  void set_leaving(const CopiesThere& copies);
  void forget_arrived();
  bool is_known(const std::vector<NotedCopy>& notes) const;
  std::set<MailboxPath> mailboxes_of_new(const CopiesThere& copies) const;

  MailboxList& list_;
  CopiesThere found_;             // at the last carry()
  std::set<MessagePlace> known_;  // copies that were looked at
  std::vector<CopyThere> kept_;   // keep()
};

}  // namespace mirror
