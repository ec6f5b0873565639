// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Apply: carries a plan out for one mailbox, in batches, each step recorded as it is done and safe to repeat.
#pragma once

#include <asio/awaitable.hpp>

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "proto/base/log.h"
#include "proto/transport/worker_pool.h"
#include "sync/journal/journal.h"
#include "sync/mode.h"
#include "sync/pass/context/pass_context.h"
#include "sync/pass/context/remarks.h"
#include "sync/progress.h"
#include "sync/reconcile.h"
#include "sync/replica.h"
#include "sync/started.h"
#include "sync/tool_state.h"

namespace mirror {

class Apply {
 public:
  Apply(PassContext& context, MailboxPair& mailbox) : context_(context), mailbox_(mailbox) {}

  // uid_next: what each side's was when the plan was made. False: something was refused (progress has the reason) and
  // must be planned again in a later pass. Messages that cannot be copied are held instead, and do not count.
  asio::awaitable<bool> run(const Plan& plan, imap::Uid local_uid_next, imap::Uid remote_uid_next);

  // Whether a side has other messages under UIDs that were paired: nothing that is known of the mailbox holds any more.
  bool found_strangers() const { return found_strangers_; }

  // Messages whose append was begun and whose end is not known: looked for, and paired where they are.
  asio::awaitable<void> resolve_intents(Side to);
  // Flag changes that were begun and whose end is not known: what a side shows of them was made, and agreed then.
  asio::awaitable<void> resolve_flags(const SideChanges& local, const SideChanges& remote);
  // Where a pass was cut off that had set \Deleted aside: puts it back. True: it has, and the side must be looked at.
  asio::awaitable<bool> resolve_set_aside(Side side);
  // Asks what a person calls the messages that are held, each once.
  asio::awaitable<void> name_held();

 private:
  using MessageIds = std::map<imap::Uid, std::string>;  // of the sources
  using Batch = std::vector<FetchedMessage>;
  asio::awaitable<void> merge_flags(const Plan& plan);
  asio::awaitable<void> change_flags(const FlagAction& action);
  asio::awaitable<void> copy(const imap::UidSet& uids, Side from);
  // Messages on their way.
  struct Copying {
    Side from;
    asio::any_io_executor executor;
    std::optional<std::uint64_t> largest{};
    std::unique_ptr<MessageStream> source{};
    Started appending{};
    imap::UidSet received{};
    Batch batch{};
    bool reading = true;  // the fault, if there is one, is the source's
  };
  asio::awaitable<void> stream(const imap::UidSet& uids, Copying& copying);
  void blame(const imap::UidSet& uids, const Copying& copying, bool connection_lost);
  asio::awaitable<void> hold_back(imap::UidSet missing, const std::map<imap::Uid, std::string>& withheld, Side from);
  asio::awaitable<void> try_held_again();
  asio::awaitable<void> append(Batch batch, Side to);
  asio::awaitable<void> append_recording(Batch batch, Side to);
  asio::awaitable<void> append_with_intent(Batch batch, Side to);
  asio::awaitable<bool> try_append_with_intent(Batch& batch, Side to);
  asio::awaitable<bool> is_taken_otherwise(Batch& batch, Side to, base::Refusal why);
  asio::awaitable<bool> find_taken(const Batch& batch, Side to);
  asio::awaitable<std::vector<Intent>> pair_found(const std::vector<Intent>& intents, Side to);
  void name_moved(const std::vector<Intent>& missing, MessageIds& ids, std::map<imap::Uid, std::int64_t>& dates) const;
  asio::awaitable<void> pair_by_message_id(std::vector<Intent> intents, const MessageIds& ids, Side to,
                                           const std::string& doubt);
  void forget_absence(store::StateBatch& batch, imap::Uid remote);
  void pair(store::StateBatch& batch, const Intent& intent, imap::Uid found);
  asio::awaitable<void> expunge(const imap::UidSet& uids, Side side);
  asio::awaitable<void> discard(const imap::UidSet& uids);
  asio::awaitable<imap::UidSet> keep(imap::UidSet uids);
  imap::UidSet uids_not_said(Side side) const;
  asio::awaitable<base::Result<void>> expunge_alone(const imap::UidSet& uids, Side side);
  asio::awaitable<base::Result<void>> put_back(const imap::UidSet& others, Side side);
  asio::awaitable<void> commit(store::StateBatch batch, bool durable);
  // What a side says of messages that are to be expunged there.
  struct Checked {
    imap::UidSet strangers;  // others than those that were paired
    imap::UidSet hidden;     // that the side tells of and does not describe
  };
  asio::awaitable<Checked> check_identities(const imap::UidSet& uids, Side side);
  static std::vector<Pair> pairs_of(const Batch& batch, std::span<const imap::Uid> uids, Side to);
  void copied(const Batch& batch, const std::vector<Pair>& pairs, Side to);
  void came();                        // a message, for the store
  void kept(std::uint64_t messages);  // of them
  void arrived(std::vector<Arrival> arriving, const std::vector<Pair>& pairs, Side to);
  void hold(Side from, imap::Uid uid, Held::Kind kind, std::string why);
  void suspect(Side from, imap::Uid uid);  // held, and the first time tried again without a pause
  bool has_broken_at_a_message(Side from) const;
  void release(Side from, imap::Uid uid);
  void refused(const std::string& what, const base::Refusal& refusal);
  // How much may be sent to this side; and what is said where nothing is.
  OverQuota::Ask may_send(Side to) const;
  void on_no_room(Side to, const std::string& why);
  bool is_too_large(const FetchedMessage& message, std::optional<std::uint64_t> largest, Side from);

  PassContext& context_;
  MailboxPair& mailbox_;
  imap::Uid uid_next_[2];
  std::vector<Identity> arrived_;  // what pair_found() has found no intent for
  Remarks remarks_;
  std::uint64_t in_hand_ = 0;  // of Progress::in_hand
  store::StateBatch held_;     // of which messages it was found out, or is no longer so
  bool good_ = true, found_strangers_ = false;
  bool full_ = false;  // a side that commits no state has no room left: nothing more is sent there
  bool said_full_ = false;
};

}  // namespace mirror
