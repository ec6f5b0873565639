// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// BothSides: an account's mailboxes as both sides list them now, and what the state knows of them; for commands that
// name mailboxes.
#pragma once

#include <asio/awaitable.hpp>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "proto/base/result.h"
#include "sync/account/account.h"

namespace mirror {

// What delete and rename are about: all three, or those that words such as --target=local name.
struct Targets {
  bool local = true, remote = true, state = true;
  bool are_named = false;  // then a mailbox that is nowhere is no error: InterIMAP has it so

  static Targets take(std::vector<std::string>& words);  // these words are taken out
};

struct BothSides {
  struct One {
    std::unique_ptr<Replica> replica;
    std::map<MailboxPath, ReplicaEntry> mailboxes;

    const ReplicaEntry* find(const MailboxPath& path) const;  // nullptr: it is not there, or cannot be selected
  };

  One local, remote;
  std::map<MailboxPath, MailboxRecord> records;

  // Connects anew, so that no connection has one of the mailboxes selected. Throws Failure.
  static asio::awaitable<BothSides> look(Account& account);

  // What a person calls so ("lists/one"); refuses where there is none, or more than one.
  base::Result<MailboxPath> named(const std::string& name) const;
  // Also of one that is not there; nullopt: no mailbox can be called so.
  static std::optional<MailboxPath> path_of(const std::string& name);

  asio::awaitable<void> finish();
};

}  // namespace mirror
