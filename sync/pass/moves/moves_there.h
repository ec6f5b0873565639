// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// MovesThere: what clients of ours have copied and moved here, over a pass: it is done on the remote side, and what has
// not arrived there leaves nothing behind that would be lost.
#pragma once

#include <asio/awaitable.hpp>

#include <vector>

#include "sync/moves.h"
#include "sync/pass/mailbox_list.h"

namespace mirror {

class MovesThere {
 public:
  explicit MovesThere(MailboxList& list) : list_(list) {}

  // Before the mailboxes are synchronised, which sends as texts what could not be copied there. From then on
  // PassContext::leaving says what is not to be removed there.
  asio::awaitable<void> carry();
  // What could not be copied or moved.
  const std::vector<CopyThere>& left() const { return left_; }
  // When they were: those in which something may go now that was kept until then.
  asio::awaitable<std::vector<Candidate*>> freed();
  // Whether the other side has a mailbox that is gone here, and that may have the only message there of which a copy
  // was made here.
  bool is_all_that_is_left() const { return is_all_that_is_left_; }
  // At the end: which notes nobody needs any more.
  asio::awaitable<void> forget();

 private:
  MailboxList& list_;
  std::vector<CopyThere> left_;
  bool any_ = false;  // there are notes
  bool is_all_that_is_left_ = false;
};

}  // namespace mirror
