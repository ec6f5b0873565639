// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// OverQuota: into which mailboxes a server has taken no more for want of room, and who may ask whether there is room
// again: one message, and not all that waits.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "sync/pair_table.h"

namespace mirror {

class OverQuota {
 public:
  enum class Ask : std::uint8_t { All, One, None };
  using Mailbox = std::pair<Side, std::uint32_t>;  // to which side, and its number

  // What text() returned in an earlier process.
  explicit OverQuota(std::string_view text = {});
  std::string text() const;

  void begin_pass() { refused_again_ = false; }
  // How much may be sent there now. at_once: whatever the pause, since a person asks.
  // All: nothing is full. One: something is; one message asks, of each mailbox that was not refused in this pass. Where
  // one that was full before is so still, the others that were full do not ask: the room is mostly common.
  Ask may_send(Mailbox mailbox, bool at_once) const;
  void refused(Mailbox mailbox);
  void taken();  // there is room again

 private:
  struct Full {
    std::uint32_t tries = 0;
    std::int64_t next_try = 0;  // seconds since 1970
  };
  std::map<Mailbox, Full> full_;
  bool refused_again_ = false;
};

}  // namespace mirror
