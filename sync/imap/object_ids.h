// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// What a server calls a message wherever it is: EMAILID (RFC 8474 section 5.1), or Gmail's X-GM-MSGID
// (https://developers.google.com/workspace/gmail/imap/imap-extensions).
#pragma once

#include <asio/awaitable.hpp>

#include <optional>
#include <string>

#include "proto/fetch_item.h"
#include "sync/client/client.h"
#include "sync/replica.h"

namespace mirror {

// What asks for it; nullopt: the server has none.
std::optional<imap::FetchItem> object_id_item(const Client& client);
// Empty: it is not told, or is none.
std::string object_id_of(const imap::FetchResponse& fetched);

// As ReplicaMailbox::object_ids.
asio::awaitable<ObjectIds> object_ids_of(Client& client, imap::UidSet uids);

}  // namespace mirror
