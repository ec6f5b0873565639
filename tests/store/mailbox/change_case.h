// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// ChangeCase: two mailboxes to be changed, with a step of it that fails or at which the process dies.
#pragma once

#include <string>

#include "proto/base/fail_point.h"
#include "store/mailbox/mailbox_impl.h"
#include "tests/store/store_case.h"

namespace tests {

inline imap::FlagSet many_keywords(const std::string& with) {
  imap::FlagSet out;
  for (int i = 0; i < 27; ++i) out.add(with + std::to_string(i));  // more than there are letters
  return out;
}

class ChangeCase : public StoreCase {
 protected:
  void TearDown() override { base::FailPoint::disarm(); }

  // Large changes are written in pieces: here they are large as soon as they are of more than one message.
  void write_in_pieces() {
    auto& core = dynamic_cast<store::MailboxImpl&>(*mailbox()).core();
    core.rows_at_once = core.removed_at_once = 1;
  }

  // Opens a new store: messages 1 to 5 in INBOX, one in `other`.
  void open_with_messages() {
    open();
    ASSERT_TRUE(store_->create(imap::MailboxName("other")));
    append(*mailbox(), 3, many_keywords("old"));
    append(*mailbox(), 2);
    append(*mailbox("other"), 1);
    ASSERT_TRUE(mailbox()->change_flags(imap::UidSet::of(imap::Uid(2)), imap::FlagChange::Add,
                                        imap::FlagSet{imap::Flag::Deleted}));
    store_->drain_renames();
  }
};

}  // namespace tests
