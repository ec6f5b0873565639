// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Which mailboxes a server has, and where each stands: LIST, LSUB and STATUS, in one command where the server can.
#pragma once

#include <asio/awaitable.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "sync/client/client.h"
#include "sync/replica.h"

namespace mirror {

// What was told, by the server's own names (INBOX and what is below it in capitals).
struct ListedMailboxes {
  std::map<std::string, imap::ListResponse> mailboxes;
  std::vector<imap::ListResponse> doubles;  // "Inbox/a" beside "INBOX/a"
  std::set<std::string> subscribed;
  std::map<std::string, SideState> states;
  std::map<std::string, std::uint64_t> unseen;  // messages, of the same mailboxes
  std::optional<char> delimiter;
  bool all_understood = true;  // no line of it was skipped

  bool has_inbox() const { return mailboxes.contains("INBOX"); }
  std::optional<SideState> state_of(const std::string& name) const;
};

// Adds to `listed`. Throws Failure where the server lists nothing.
asio::awaitable<void> list_mailboxes(Client& client, std::vector<std::string> patterns, ListedMailboxes& listed);

// Asks for INBOX alone; false: the server has none.
asio::awaitable<bool> has_inbox(Client& client);

}  // namespace mirror
