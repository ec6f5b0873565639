// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// One mailbox, both sides: look, reconcile, apply, until there is nothing left to do; then remember where both stand.
#pragma once

#include <asio/awaitable.hpp>

#include "sync/pass/absent_messages.h"
#include "sync/pass/apply/apply.h"
#include "sync/pass/pairing/mailbox_look.h"

namespace mirror {

// A plan and its execution: two calls, so that somebody may look at the plan.
class MailboxSync {
 public:
  // `record` is the journal's (a new one: all zero) and is brought up to date, also in the journal.
  MailboxSync(PassContext& context, MailboxRecord& record, ReplicaMailbox& local, ReplicaMailbox& remote);

  // Reads the journal, and finds out what became of what an earlier pass has begun.
  asio::awaitable<void> begin();
  // What is to be done now. Throws Failure, std::system_error.
  asio::awaitable<Plan> plan();
  const Withheld& withheld() const { return withheld_; }  // by the last plan
  MailboxPair& mailbox() { return mailbox_; }
  const AbsentMessages& absent() const { return absent_; }
  // Is there nothing to do, and nothing to try?
  bool is_done(const Plan& plan) const { return plan.empty() && mailbox_.again.empty(); }
  // False: something was refused, and must be planned again in a later pass.
  asio::awaitable<bool> apply(const Plan& plan);
  // Where both sides stand; everything up to there was applied.
  asio::awaitable<void> remember();

  // Plans and applies until the sides are the same. False: something is left to do and progress.problems says what; a
  // later pass will take it up.
  asio::awaitable<bool> run();

 private:
  asio::awaitable<bool> make_same();
  asio::awaitable<void> resolve();
  asio::awaitable<void> put_back(Side side);
  asio::awaitable<void> forget_held();
  void add_twins_of_lost(const Plan& plan, imap::UidSet& here, imap::UidSet& there) const;
  asio::awaitable<bool> pair_what_met(const Plan& plan);
  void consider_held(Plan& plan);
  void restrict(Plan& plan);
  asio::awaitable<void> leave_what_moves(Plan& plan);
  asio::awaitable<void> forget_pairs();
  asio::awaitable<void> write();

  PassContext& context_;
  MailboxRecord& record_;
  MailboxPair mailbox_;
  Apply apply_;
  AbsentMessages absent_;
  MailboxLook look_;
  Permits permits_;
  Withheld withheld_;
  bool left_over_ = false;  // what is only here was kept from being removed: each pass is to meet it again
  bool look_local_ = true, look_remote_ = true;
  bool first_ = true;  // no plan was made yet
  bool healed_ = false;
  bool leaves_some_ = false;  // by the last plan, to another round
  bool adopts_ = false;       // without a state, or with one that is older than the mailbox
};

// MailboxSync::run.
asio::awaitable<bool> sync_mailbox(PassContext& context, MailboxRecord& record, ReplicaMailbox& local,
                                   ReplicaMailbox& remote);

}  // namespace mirror
