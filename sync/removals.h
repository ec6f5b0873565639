// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Removals: which of a plan's removals are carried out, which wait, and which are held until a person allows them.
// Pure.
#pragma once

#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include "sync/pair_table.h"
#include "sync/reconcile.h"
#include "sync/replica.h"

namespace mirror {

// Of a paired message that one side does not have any more.
struct Absence {
  // Leaves: a client of ours has moved it, and the other side has nothing of its copy yet; then it goes.
  enum class Kind : std::uint8_t { Waits = 0, Held = 1, Allowed = 2, Leaves = 3 };
  Kind kind = Kind::Waits;
  std::int64_t since = 0;  // Unix seconds
  bool operator==(const Absence&) const = default;
};
using Absences = std::map<std::pair<Side, imap::Uid>, Absence>;  // by the side that lacks it, and its UID there

// Blown by more than so many messages, where these are also more than so much of what there was.
struct Fuse {
  std::uint32_t messages = 20;
  std::uint32_t percent = 20;
  bool off = false;
  bool is_blown_by(std::uint64_t gone, std::uint64_t of) const {
    return !off && gone > messages && gone * 100 > of * percent;
  }
  bool operator==(const Fuse&) const = default;
};

// How one side's losses are judged, before they become removals on the other one.
struct LossRules {
  Fuse fuse{.off = true};
  std::int64_t wait = 0;       // seconds in which a message may come back that nobody has said to be removed
  bool holds_emptied = false;  // a mailbox of which nothing is left is one that was taken away
  bool account_lost = false;   // over all mailboxes the side has lost too much
};

// Whether a mailbox that is gone on one side is deleted on the other: Ask: where a client of ours has deleted it.
enum class DeleteMailboxes : std::uint8_t { Ask, Yes, No };

struct RemovalRules {
  DeleteMailboxes mailboxes = DeleteMailboxes::Ask;
  std::int64_t now = 0;
  LossRules local, remote;
  const LossRules& of(Side side) const { return side == Side::Local ? local : remote; }
};

// What became of one side's losses.
struct Losses {
  enum class Why : std::uint8_t { None, Fuse, Emptied, Account, Before };
  std::uint64_t held = 0, waiting = 0;
  std::uint64_t of = 0;  // messages that were on both sides
  Why why = Why::None;
};

struct Weighed {
  Losses local, remote;                          // by the side that has lost something
  Absences changed;                              // new, or of another kind: to be remembered
  std::vector<std::pair<Side, imap::Uid>> over;  // no longer absences: there again, or without a pair
  const Losses& of(Side side) const { return side == Side::Local ? local : remote; }
};

// What is remembered as absent counts as vanished, as long as it is not shown again.
void recall_absences(const Absences& absences, Side side, SideChanges& said);

// Takes out of the plan what is not to be removed now; brings the absences up to date.
Weighed weigh_removals(Plan& plan, const PairTable& base, const SideChanges& local, const SideChanges& remote,
                       const RemovalRules& rules, Absences& absences);

// A mailbox that one side does not have any more, and the other still has.
struct LostMailbox {
  bool told = false;  // a client of ours has deleted it
  SideState known;    // of the side that still has it, when both were the same
  SideState now;
  std::uint64_t paired = 0;   // its messages that both sides had
  std::uint64_t account = 0;  // messages of all mailboxes
};
// Whether it is deleted there too. Never where it has anything that the other side did not have, and not where that is
// more than the fuse lets go.
bool is_deletion_carried(const LostMailbox& lost, DeleteMailboxes rule, const Fuse& fuse);

// Whether a side has lost too much over all mailboxes, as far as its counts tell before any of them is opened.
bool has_lost_too_much(const std::vector<std::pair<SideState, SideState>>& known_and_now, const Fuse& fuse);

}  // namespace mirror
