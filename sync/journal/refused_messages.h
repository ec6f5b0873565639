// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Held: a message that could not be copied and is kept apart, so that its mailbox's state goes on.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "sync/mailbox_path.h"
#include "sync/pair_table.h"

namespace mirror {

struct Held {
  enum class Kind : std::uint8_t {
    Refused,  // tried again
    Lost,  // taken by the other side, which does not show it: another copy would be one more, so it is not tried again
  };
  Kind kind = Kind::Refused;
  std::string why;
  std::uint32_t tries = 0;    // so far; 0: not known
  std::int64_t next_try = 0;  // not before this time, unless somebody asks for it; seconds since 1970
  std::string name{};         // what a person calls the message; empty: nobody has asked yet
  bool operator==(const Held&) const = default;
};

// Which side a message is on, and its UID there.
using HeldMessages = std::map<std::pair<Side, imap::Uid>, Held>;

// After so many tries: ten minutes, doubled each time, a day at most.
std::int64_t pause_after(std::uint32_t tries);

// What a person calls the two sides: "the store", "imap.example.org".
struct SideNames {
  std::string local = "the local side", remote = "the remote side";
  const std::string& of(Side side) const { return side == Side::Local ? local : remote; }
};

// For a person; of many only the first ones, and how many others.
std::vector<std::string> sentences(const MailboxPath& mailbox, const HeldMessages& held, const SideNames& names);

}  // namespace mirror
