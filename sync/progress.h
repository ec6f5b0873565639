// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// What a pass has done, is doing, and could not do.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

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

  bool any() const {
    return copied_to_local || copied_to_remote || flagged_local || flagged_remote || expunged_local ||
           expunged_remote || moved_local || moved_remote || created_local || created_remote || renamed_local ||
           renamed_remote || deleted_local || deleted_remote || paired;
  }
};

// One thread's. changed() may be called very often.
struct Progress {
  Counts counts;
  std::uint64_t to_copy = 0;          // messages known to have to be copied so far, done ones among them
  std::vector<std::string> problems;  // sentences; the rest has gone on
  std::uint64_t held = 0;             // removals that wait for a person's word
  std::uint64_t waiting = 0;          // removals of messages that may come back
  std::uint64_t unsent = 0;           // messages, flag changes, mailboxes that the remote side may not have yet
  std::vector<std::string> told;      // what was made right by itself
  std::vector<std::string> notes;     // what the mode forbids
  std::function<void()> changed;

  void tick() const {
    if (changed) changed();
  }
};

// For a person: "1 message", "20 messages".
inline std::string message_count(std::uint64_t n) { return std::to_string(n) + (n == 1 ? " message" : " messages"); }

}  // namespace mirror
