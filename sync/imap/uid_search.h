// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// UID SEARCH in the selected mailbox.
#pragma once

#include <asio/awaitable.hpp>

#include <cstdint>
#include <optional>

#include "proto/base/result.h"
#include "proto/sequence_set.h"
#include "sync/client/client.h"

namespace mirror {

// What it finds, in pieces where the server looks through so many messages at once (MESSAGELIMIT), and whether the
// server answers by SEARCH or by ESEARCH (`RETURN (ALL)`). Refused, with the server's words: it said no, or OK without
// having told what it found.
asio::awaitable<base::Result<imap::UidSet>> search_uids(Client& client, imap::SearchCommand command);

// What this answer to a UID SEARCH names; nullopt: it is none.
std::optional<imap::UidSet> found_uids(const imap::Response& response);

// Those among these that have more octets.
imap::SearchCommand search_for_larger(const imap::UidSet& among, std::uint64_t octets);

}  // namespace mirror
