// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// What tells messages of the selected mailbox apart without their text.
#pragma once

#include <asio/awaitable.hpp>

#include <map>
#include <string>
#include <vector>

#include "sync/client/client.h"
#include "sync/replica.h"

namespace mirror {

// As ReplicaMailbox::identities: what a server leaves out is asked for again, what it refuses is halved.
asio::awaitable<std::vector<Identity>> describe(Client& client, imap::UidSet uids);

// As ReplicaMailbox::flags.
asio::awaitable<FlagsOfMessages> flags_of(Client& client, imap::UidSet uids);

// As ReplicaMailbox::header_digests.
asio::awaitable<std::map<imap::Uid, std::string>> header_digests_of(Client& client, imap::UidSet uids);

// As ReplicaMailbox::told_of: by SEARCH or by FETCH.
asio::awaitable<imap::UidSet> told_of(Client& client, imap::UidSet uids);

// As ReplicaMailbox::names.
asio::awaitable<std::map<imap::Uid, std::string>> name_messages(Client& client, imap::UidSet uids);

}  // namespace mirror
