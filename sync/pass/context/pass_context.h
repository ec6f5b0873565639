// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// PassContext: what a pass works with. MailboxPair: one mailbox of it.
#pragma once

#include <asio/awaitable.hpp>

#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "proto/base/log.h"
#include "proto/transport/worker_pool.h"
#include "sync/journal/journal.h"
#include "sync/mode.h"
#include "sync/pass/context/looks.h"
#include "sync/pass/context/over_quota.h"
#include "sync/progress.h"
#include "sync/reconcile.h"
#include "sync/replica.h"
#include "sync/tool_state.h"

namespace mirror {

// What the synchronisation of a mailbox works with. Outlives it.
struct PassContext {
  Journal& journal;
  transport::WorkerPool& workers;
  Progress& progress;
  base::Log log;
  bool tries_all_held = true;  // messages that were refused before; else those whose pause is over

  bool merges_strangers = false;  // at first sight also two full mailboxes of which almost nothing is the same
  SideNames names{};
  OverQuota* over_quota = nullptr;  // nullptr: nothing is known of it
  Looks* looks = nullptr;           // at mailboxes without modseq on the remote side; nullptr: each pass looks at each
  bool looks_at_all = false;        // of such mailboxes also at those that seem to stand still

  RemovalRules removals{};
  std::string account{};                                         // its name
  std::function<Permits(const MailboxPath& mailbox)> permits{};  // null: everything is permitted
  bool is_trial = false;  // a pass that is planned and not made; its journal is none
  // Keeps a message for a while that is removed on the other side. Null: there is nowhere to keep it.
  std::function<base::Result<void>(const MailboxPath& mailbox, const FetchedMessage& message)> keep{};

  // What is gone here and stays there for now, by its UID here (kept_originals in sync/moves.h).
  std::map<MailboxPath, imap::UidSet> leaving{};
  // What clients of ours have copied and moved since the pass has looked at that, by UIDs here: a round of its own
  // follows for it. Asked after a look at this side. Null: there is no such round.
  struct MovedSince {
    imap::UidSet copies, originals;  // in this mailbox
  };
  std::function<asio::awaitable<MovedSince>(const MailboxPath& mailbox)> moved_since{};

  // What other synchronisers have left, for mailboxes that are seen for the first time. Null: nothing.
  ToolStates* tool_states = nullptr;

  bool tries(const Held& held) const;
  Permits permits_of(const MailboxPath& mailbox) const { return permits ? permits(mailbox) : Permits{}; }
};

// The two sides of one mailbox and what is agreed about it.
struct MailboxPair {
  MailboxRecord& record;
  PairTable pairs;
  HeldMessages held;
  ReplicaMailbox* local = nullptr;
  ReplicaMailbox* remote = nullptr;
  std::vector<std::pair<Side, imap::Uid>> again{};  // of those held: to be tried now
  Absences absences{};
  ReplicaMailbox& on(Side side) const { return side == Side::Local ? *local : *remote; }
};

}  // namespace mirror
