// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Mailbox: append, read, change flags, expunge, search, changes since. Thread-safe; every call may wait for the disk,
// none for a network.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "proto/base/result.h"
#include "proto/flags.h"
#include "proto/mailbox_name.h"
#include "proto/numbers.h"
#include "proto/search/search_key.h"
#include "proto/search/sort_order.h"
#include "proto/search/threads.h"
#include "proto/sequence_set.h"
#include "store/changes.h"
#include "store/content.h"
#include "store/message.h"
#include "store/state.h"

namespace store {

// How many keywords a mailbox gets: flags that would make more are refused with Reason::Limit. One that has more
// already keeps them.
constexpr std::size_t kMostKeywords = 4096;

struct MailboxStatus {
  std::string mailbox_id;  // OBJECTID, stable through rename and index loss
  imap::UidValidity uid_validity;
  imap::Uid uid_next;
  imap::ModSeq highest_modseq;
  std::uint32_t messages = 0;
  std::uint32_t unseen = 0;
  std::uint32_t deleted = 0;
  std::uint32_t recent = 0;  // messages no session has claimed yet
};

struct FlagsChanged {
  std::vector<Message>
      changed;            // the messages that exist, with the flags they have now (also where nothing was to change)
  imap::UidSet modified;  // failed UNCHANGEDSINCE (RFC 7162 MODIFIED)
  imap::UidSet missing;   // are gone
  imap::ModSeq modseq;    // given to those that did change; the highest before if none did
  imap::UidSet touched;   // those that did change
};

struct Copied {
  imap::UidValidity uid_validity;   // of the destination
  std::vector<imap::Uid> from, to;  // pairs, ascending
};

// Kept alive by shared_ptr; calls on a mailbox that was deleted meanwhile refuse with NoSuchMailbox or find nothing.
class Mailbox {
 public:
  virtual ~Mailbox() = default;

  virtual imap::MailboxName name() const = 0;
  virtual MailboxStatus status() const = 0;
  virtual bool is_deleted() const = 0;
  virtual std::vector<std::string> keywords() const = 0;  // all in use or known here, for FLAGS and PERMANENTFLAGS
  virtual std::vector<imap::Uid> uids() const = 0;        // ascending
  virtual std::optional<imap::Uid> first_unseen() const = 0;
  virtual std::uint64_t size() = 0;  // sum of the messages' sizes, octets (RFC 8438); counts what was not counted yet
  virtual std::vector<Message> messages(const imap::UidSet& uids) const = 0;  // those that exist, ascending
  virtual Changes changes_since(imap::ModSeq since) const = 0;                // memory only; cheap when little changed

  // Claims the messages that no session has claimed: they are \Recent to the caller alone (RFC 3501).
  virtual imap::UidSet claim_recent() = 0;
  virtual imap::UidSet unclaimed_recent() const = 0;  // for EXAMINE

  // What changes messages takes at_commit, whose writes are in the same batch, and by: who does it, for the ledger
  // (store/ledger.h); empty: a client.

  // All or none (MULTIAPPEND). Durable when it returns. UIDs in the order given.
  virtual base::Result<std::vector<imap::Uid>> append(std::span<NewMessage> messages, const AtCommit& at_commit = {},
                                                      const std::string& by = {}) = 0;
  // Hard links; nothing is copied when some source is gone (move: those that exist are moved). Throw TextElsewhere.
  virtual base::Result<Copied> copy_to(const imap::UidSet& uids, Mailbox& to, const AtCommit& at_commit = {},
                                       const std::string& by = {}) = 0;
  virtual base::Result<Copied> move_to(const imap::UidSet& uids, Mailbox& to, const AtCommit& at_commit = {},
                                       const std::string& by = {}) = 0;
  // Safe in the index when it returns; the files' renames follow behind.
  virtual base::Result<FlagsChanged> change_flags(const imap::UidSet& uids, imap::FlagChange change,
                                                  const imap::FlagSet& flags,
                                                  std::optional<imap::ModSeq> unchanged_since = {},
                                                  const AtCommit& at_commit = {}, const std::string& by = {}) = 0;
  // Removes those of uids (all, if absent) that have \Deleted; returns what was removed.
  virtual base::Result<imap::UidSet> expunge(const std::optional<imap::UidSet>& uids, const AtCommit& at_commit = {},
                                             const std::string& by = {}) = 0;
  // Removes these whatever their flags; for the sync. by: they are kept for a while, and who removed them is noted.
  virtual base::Result<imap::UidSet> remove(const imap::UidSet& uids, const AtCommit& at_commit = {},
                                            const std::string& by = {}) = 0;

  // For the ledger: text about these messages. there: their UIDs on the other side of the sync, in their order; may be
  // empty.
  virtual void remark(const imap::UidSet&, const imap::UidSet& /*there*/, const std::string& /*by*/,
                      const std::string& /*text*/) {}

  virtual std::unique_ptr<ContentReader> reader() = 0;
  // UIDs of `among` that match, ascending. Key::Messages and Key::Recent must have been replaced by Key::Uids; texts
  // are UTF-8. May take long; stop() is asked now and then and ends it early by throwing SearchStopped.
  // Throws TextElsewhere where texts that are not here would decide; so do sort() and threads().
  virtual std::vector<imap::Uid> search(const imap::SearchKey& key, const imap::UidSet& among,
                                        const std::function<bool()>& stop = {}) = 0;

  // Messages that a search has found (ascending) in SORT's order, and as THREAD's forest, whose numbers are UIDs. Those
  // that are gone meanwhile count as empty. Stopped as search() is.
  virtual std::vector<imap::Uid> sort(const imap::SortProgram& program, const std::vector<imap::Uid>& found,
                                      const std::function<bool()>& stop = {}) = 0;
  virtual imap::Threads threads(imap::ThreadAlgorithm algorithm, const std::vector<imap::Uid>& found,
                                const std::function<bool()>& stop = {}) = 0;

  // Looks at the directory for what others did; cheap when nothing changed. A running watcher calls it by itself.
  virtual void check() = 0;
  // The same for a session that answers at once: where somebody is changing the mailbox it is looked at when that is
  // done. False: so it is.
  virtual bool check_soon() {
    check();
    return true;
  }

  // Calls f after each change of this mailbox (any session's, the sync's, a foreign program's), from any thread,
  // without locks held; f must only post. Ends when the subscription is destroyed; after that f is not running and will
  // not run.
  virtual Subscription subscribe(std::function<void()> f) = 0;
};

struct SearchStopped {};

}  // namespace store
