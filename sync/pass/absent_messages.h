// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// AbsentMessages: the paired messages of a mailbox that one side does not have any more, while the other side still
// keeps them: they wait, are held, or come back.
#pragma once

#include <asio/awaitable.hpp>

#include <optional>
#include <string>
#include <vector>

#include "sync/pass/context/pass_context.h"

namespace mirror {

class AbsentMessages {
 public:
  AbsentMessages(PassContext& context, MailboxPair& mailbox) : context_(context), mailbox_(mailbox) {}

  void recall(SideChanges& local, SideChanges& remote) const;
  // Leaves in the plan what is to be removed now, and writes down the rest.
  asio::awaitable<void> weigh(Plan& plan, const SideChanges& local, const SideChanges& remote);
  // The twins of those that are absent: what comes on the other side may be the same again.
  void add_twins(imap::UidSet& here, imap::UidSet& there) const;
  // Before new pairs are put: forgets those that they take the place of. Whether one of them has come back.
  bool come_back(store::StateBatch& batch, const std::vector<Pair>& found);
  void report() const;

 private:
  PassContext& context_;
  MailboxPair& mailbox_;
  Weighed weighed_;
};

// What a mailbox that needs no look says of its absences; whether it is to be looked at all the same.
bool has_to_settle(PassContext& context, const MailboxRecord& record, const Absences& absences);

}  // namespace mirror
