// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// What a pass would do. Nothing is changed on either side; the context's journal is one for a trial.
#pragma once

#include <asio/awaitable.hpp>

#include <cstdint>
#include <string>
#include <vector>

#include "sync/pass/context/pass_context.h"
#include "sync/pass/context/scope.h"

namespace mirror {

struct MailboxPlan {
  struct OfSide {  // what would be done to this side
    std::uint64_t messages = 0, octets = 0, removals = 0, flags = 0;
    std::uint64_t moves = 0, copies = 0;  // into it, from other mailboxes of this side
    bool is_made = false;
    std::string renamed_to{};
    bool is_deleted = false;
    bool any() const {
      return messages || removals || flags || moves || copies || is_made || is_deleted || !renamed_to.empty();
    }
  };
  MailboxPath path;
  OfSide local{}, remote{};
  std::uint64_t paired = 0;             // found on both sides
  std::uint64_t held = 0, waiting = 0;  // removals
  OfSide& on(Side side) { return side == Side::Local ? local : remote; }
  bool any() const { return local.any() || remote.any() || paired || held || waiting; }
};

struct PassPlan {
  std::vector<MailboxPlan> mailboxes;  // those where something is to be done
  std::vector<std::string> problems, notes;
  bool changes(Side side) const;
};

// Throws Failure, std::system_error.
asio::awaitable<PassPlan> plan_pass(PassContext& context, Replica& local, Replica& remote, const Scope& scope);

}  // namespace mirror
