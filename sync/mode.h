// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Mode: in which directions mail travels. What a mode forbids is taken out of the plan. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sync/pair_table.h"
#include "sync/reconcile.h"

namespace mirror {

// Both ways; here becomes what there is; only fetched, and nothing is removed here; only sent.
enum class Mode : std::uint8_t { Both, Mirror, Backup, Send };

std::optional<Mode> mode_of(std::string_view word);
const char* name_of(Mode mode);

struct Permits {
  bool add_here = true;     // messages, flags, mailboxes
  bool remove_here = true;  // messages, mailboxes
  bool there = true;        // any change
  bool put_back = false;    // what differs here becomes what it is there

  static Permits of(Mode mode);
  bool adds(Side side) const { return side == Side::Local ? add_here : there; }
  bool removes(Side side) const { return side == Side::Local ? remove_here : there; }
  bool operator==(const Permits&) const = default;
};

// What was not done on a side since it is not permitted.
struct Withheld {
  struct OfSide {
    std::uint64_t messages = 0, removals = 0, flags = 0;
    bool any() const { return messages > 0 || removals > 0 || flags > 0; }
  };
  OfSide local, remote;
  OfSide& on(Side side) { return side == Side::Local ? local : remote; }
  bool any() const { return local.any() || remote.any(); }
};

// For a person, without the mailbox's name: "not taken there: 1 message, 2 flag changes".
std::vector<std::string> sentences(const Withheld& withheld);

// Takes out of the plan what is not permitted. The pairs of messages that are not removed stay: when the mode is
// another one and everything is listed, they are found again.
Withheld restrict_plan(Plan& plan, const PairTable& base, const Permits& permits);

}  // namespace mirror
