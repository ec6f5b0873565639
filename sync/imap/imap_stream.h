// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// ImapStream: messages of the selected mailbox as a server gives them, and how they are asked for.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "proto/command.h"
#include "sync/client/client.h"
#include "sync/replica.h"

namespace mirror {

// Commands begun before the first is answered. What they amount to must fit into the socket's buffers: a server whose
// answers nobody reads stops reading.
constexpr std::size_t kInFlight = 4;

imap::FetchItem item(imap::FetchItem::Kind kind);
imap::FetchItem header_fields(std::vector<std::string> names);
imap::MessageSet by_uid(const imap::UidSet& uids);

// Octets of a command's UID set: some servers take lines of 2,000 octets.
constexpr std::size_t kSetOctets = 1800;
// Parts of the set whose text is short enough for a line with so many octets of other things beyond the usual ones, and
// that have no more than so many messages.
std::vector<imap::UidSet> split(const imap::UidSet& uids, std::size_t others = 0, std::uint64_t most = ~0ull);

// What is larger is not asked for: it would not be read (imap::FramerLimits).
constexpr std::uint64_t kLargestMessage = 1ull << 30;

// Which messages may be asked for, and the sizes of those that are too large.
struct KnownSizes {
  imap::UidSet fine;
  std::map<imap::Uid, std::uint64_t> large;
  void note(imap::Uid uid, std::uint64_t size) {
    if (size > kLargestMessage)
      large[uid] = size;
    else
      fine.add(uid);
  }
};

// known: the sizes of others are asked for before their texts.
std::unique_ptr<MessageStream> make_imap_stream(Client& client, imap::UidSet wanted, KnownSizes known = {});

}  // namespace mirror
