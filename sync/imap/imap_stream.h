// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// ImapStream: messages of the selected mailbox as a server gives them, and how they are asked for.
#pragma once

#include <cstddef>
#include <deque>
#include <memory>
#include <vector>

#include "proto/command.h"
#include "sync/imap/client.h"
#include "sync/replica.h"

namespace mirror {

// Commands begun before the first is answered. What they amount to must fit into the socket's buffers: a server whose
// answers nobody reads stops reading.
constexpr std::size_t kInFlight = 4;

imap::FetchItem item(imap::FetchItem::Kind kind);
imap::FetchItem header_field(std::string name);
imap::MessageSet by_uid(const imap::UidSet& uids);

// Parts of the set whose text is short enough for a line.
std::vector<imap::UidSet> split(const imap::UidSet& uids);

std::unique_ptr<MessageStream> make_imap_stream(Client& client, imap::UidSet wanted);

}  // namespace mirror
