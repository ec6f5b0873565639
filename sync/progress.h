// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// What a pass has done, is doing, and could not do.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "sync/arrivals.h"

namespace mirror {

struct Counts {
  std::uint64_t copied_to_local = 0, copied_to_remote = 0;
  std::uint64_t flagged_local = 0, flagged_remote = 0;
  std::uint64_t expunged_local = 0, expunged_remote = 0;
  std::uint64_t moved_local = 0, moved_remote = 0;      // between mailboxes of that side, or copied
  std::uint64_t created_local = 0, created_remote = 0;  // mailboxes
  std::uint64_t renamed_local = 0, renamed_remote = 0;
  std::uint64_t deleted_local = 0, deleted_remote = 0;  // mailboxes
  std::uint64_t paired = 0;                             // found on both sides, not copied
  std::uint64_t octets = 0;                             // of messages copied
  std::uint64_t mailboxes = 0;                          // in scope

  // What was done on a side, with the names that objects for programs give it (docs/json.md).
  std::array<std::pair<const char*, std::uint64_t>, 6> named(bool here) const {
    if (here)
      return {{{"fetched", copied_to_local},
               {"flags", flagged_local},
               {"removed", expunged_local},
               {"made", created_local},
               {"renamed", renamed_local},
               {"deleted", deleted_local}}};
    return {{{"sent", copied_to_remote},
             {"flags", flagged_remote},
             {"removed", expunged_remote},
             {"made", created_remote},
             {"renamed", renamed_remote},
             {"deleted", deleted_remote}}};
  }
  bool any() const {
    return copied_to_local || copied_to_remote || flagged_local || flagged_remote || expunged_local ||
           expunged_remote || moved_local || moved_remote || created_local || created_remote || renamed_local ||
           renamed_remote || deleted_local || deleted_remote || paired;
  }
};

// Removals of a mailbox that wait for a person's word.
struct HeldRemovals {
  std::string mailbox;  // MailboxPath::shown()
  bool here = false;    // what is missing is missing here, and would be removed on the server
  std::string sentence;
};

// One thread's. changed() may be called very often.
struct Progress {
  Counts counts;
  std::uint64_t in_hand = 0;          // messages that have come from the server, and are kept with the next batch
  std::uint64_t to_copy = 0;          // messages known to have to be copied so far, done ones among them
  std::vector<std::string> problems;  // sentences; the rest has gone on
  bool strangers = false;             // both sides look like two accounts; nothing was done
  std::uint64_t held = 0;             // removals that wait for a person's word
  std::vector<HeldRemovals> held_in;  // where; their sentences are among the problems
  std::uint64_t waiting = 0;          // removals of messages that may come back
  std::uint64_t unsent = 0;           // messages, flag changes, mailboxes that the remote side may not have yet
  std::vector<std::string> told;      // what was made right by itself
  std::vector<std::string> notes;     // what the mode forbids
  std::set<std::string> touched;      // mailboxes in which something was done, as MailboxPath::shown()
  Arrivals arrivals;
  std::string mailbox;  // that something was last done in, as MailboxPath::shown()
  std::function<void()> changed;

  std::uint64_t copied() const { return counts.copied_to_local + counts.copied_to_remote + in_hand; }
  void tick() const {
    if (changed) changed();
  }
};

// For a person: "1 message", "20 messages".
inline std::string message_count(std::uint64_t n) { return std::to_string(n) + (n == 1 ? " message" : " messages"); }

}  // namespace mirror
