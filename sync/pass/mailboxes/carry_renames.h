// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// A mailbox that was renamed on one side is renamed on the other one: nothing is copied.
#pragma once

#include <asio/awaitable.hpp>

#include <map>
#include <set>
#include <vector>

#include "sync/pass/context/pass_context.h"

namespace mirror {

// Old names to new ones, on one side.
using Renamings = std::map<MailboxPath, MailboxPath>;

// Whether the mailbox that has this name now is the one of the record: UIDVALIDITY said so, and messages that were
// paired are there under their UIDs, with the Message-IDs that they had.
asio::awaitable<bool> is_the_same_mailbox(PassContext& context, Replica& side, Side which, MailboxRecord record,
                                          MailboxPath new_path);

struct CarriedRenames {
  Renamings done{};
  Renamings others{};                // the new name is that of another mailbox
  bool has_changed_records = false;  // also where nothing was done to the end
};

// Renames on `other` those of which is_the_same_mailbox, and what is below them, and takes their records along; those
// records that were changed are in `records`. The rest is as it was. left_behind: names of which the mailbox is on
// neither side any more; where one of those that are renamed has it now, that record is forgotten.
asio::awaitable<CarriedRenames> carry_renames(PassContext& context, Replica& side, Side which, Replica& other,
                                              Renamings found, std::map<MailboxPath, MailboxRecord>& records,
                                              std::set<MailboxPath> left_behind = {});

// What a mailbox is called on the other side while those that exchange their names with it are renamed.
MailboxPath resting_name(const MailboxPath& path);

// The records of a mailbox, and of those below it.
asio::awaitable<void> rename_records(PassContext& context, std::map<MailboxPath, MailboxRecord>& records,
                                     MailboxPath from, MailboxPath to);

}  // namespace mirror
