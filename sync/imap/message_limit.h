// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Servers that do only so many messages at once: MESSAGELIMIT (RFC 9738; Yahoo and AOL).
#pragma once

#include <cstdint>
#include <optional>

#include "proto/response.h"
#include "sync/client/client.h"

namespace mirror {

// For how many messages a command may be: what the server announces, else what servers do that announce nothing.
std::uint64_t most_messages(const Client& client);

// The UID that it went down to, where the answer says that it did not do all (`[MESSAGELIMIT 1000 23221]`); 0: it does
// not say which.
std::optional<std::uint32_t> stopped_at(const imap::StatusResponse& answer);

// Whether as many messages look like a limit that the server does not tell: a round number.
inline bool is_like_a_limit(std::uint64_t messages) { return messages > 0 && messages % 100 == 0; }

}  // namespace mirror
