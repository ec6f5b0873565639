// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Reconcile: (what both sides agreed on, changes here, changes there) to a plan. Pure: no I/O, no clock.
#pragma once

#include <vector>

#include "sync/pair_table.h"
#include "sync/replica.h"

namespace mirror {

// The same change for many messages of one side.
struct FlagAction {
  Side side = Side::Local;
  imap::FlagChange change = imap::FlagChange::Add;  // never Replace: what was not looked at survives
  imap::FlagSet flags;
  imap::UidSet uids;
};

// Both sides will have these flags when the flag actions are done.
struct Agreed {
  imap::Uid remote;
  imap::FlagSet flags;
};

// Nothing in it depends on the order in which it is carried out, but: agreed comes after the flag actions, and pairs
// are forgotten after their messages are expunged.
struct Plan {
  imap::UidSet copy_from_local, copy_from_remote;  // messages that only this side has
  imap::UidSet expunge_local, expunge_remote;      // their twins have vanished
  imap::UidSet discard_local;                      // that only this side has, and must not have (sync/mode.h)
  std::vector<FlagAction> flags;
  std::vector<Agreed> agreed;
  std::vector<imap::Uid> forget;  // remote UIDs of pairs of which at most one message is left, and is expunged

  bool changes(Side side) const;  // whether this side is written to
  bool empty() const;             // nothing to do, and nothing to remember
};

// Flags are merged three ways, each on its own: a side that differs from the base has its way; what a side cannot keep
// it has no opinion about.
imap::FlagSet merge_flags(const imap::FlagSet& base, const imap::FlagSet& local, const imap::FlagSet& remote);

Plan reconcile(const PairTable& base, const SideChanges& local, const SideChanges& remote);

}  // namespace mirror
