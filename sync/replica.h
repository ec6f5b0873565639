// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Replica: what reconcile and apply need from one side: mailboxes, changes since a state, and commands. Two kinds: the
// built-in store, called directly, and an IMAP server. All on one thread; what waits is a coroutine.
#pragma once

#include <asio/awaitable.hpp>

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "proto/base/result.h"
#include "proto/flags.h"
#include "proto/literal.h"
#include "proto/numbers.h"
#include "proto/sequence_set.h"
#include "store/state.h"
#include "sync/mailbox_path.h"

namespace mirror {

// The pass, or what is left of it, cannot go on: connection lost, login refused, full disk, …
struct Failure : std::runtime_error {
  Failure(base::Reason r, const std::string& text) : std::runtime_error(text), reason(r) {}
  base::Reason reason;
};

// This mailbox cannot go on; the others can.
struct MailboxFailure : Failure {
  using Failure::Failure;
};

// So it is, and its connection is lost: the others go on over another one, and then the pass ends as for a lost
// connection.
struct MailboxConnectionLost : MailboxFailure {
  using MailboxFailure::MailboxFailure;
};

// The connection has broken while a mailbox was looked at (ReplicaMailbox::changes).
struct LookConnectionLost : Failure {
  using Failure::Failure;
};

// Where one side of a mailbox stands. Nothing known: all zero.
struct SideState {
  imap::UidValidity uid_validity;
  imap::Uid uid_next;
  imap::ModSeq modseq;         // 0: this side has none, each look must list everything
  std::uint32_t messages = 0;  // how many there were, for sides without modseq and for reports
  bool operator==(const SideState&) const = default;
};

struct Seen {  // a message that is there
  imap::Uid uid;
  imap::FlagSet flags;
};

// What a side says since a state.
struct SideChanges {
  std::vector<Seen> present;  // new, or with changed flags; ascending; may
                              // repeat what is known
  imap::UidSet vanished;
  imap::UidSet said;      // of those that are gone: a client of ours, or a pass, has removed them
  imap::UidSet leaving;   // they have copies here of which the other side has nothing yet (sync/moves.h)
  bool complete = false;  // present lists every message: what is not in it, nor in unsure, has vanished
  imap::UidSet unsure;    // known before, and not shown; nothing is concluded of them
  std::string doubt;      // why the side is not believed in all; empty: it is. The side is looked at again next time
  SideState state;        // that this leads to
  // Flags that this side can keep; about others it has no opinion.
  imap::FlagSet keepable{imap::Flag::Answered, imap::Flag::Flagged, imap::Flag::Deleted, imap::Flag::Seen,
                         imap::Flag::Draft};
  bool keeps_any_keyword = true;
  bool read_only = false;
};

struct FetchedMessage {
  imap::Uid uid;
  imap::FlagSet flags;
  std::int64_t internal_date = 0;
  imap::Literal data;
};

// Messages as they arrive. Destroy it only at its end, or with its mailbox.
class MessageStream {
 public:
  virtual ~MessageStream() = default;
  virtual asio::awaitable<std::optional<FetchedMessage>> next() = 0;  // those that are gone are left out
  virtual imap::UidSet refused() const { return {}; }                 // so far, each asked for by itself
  // Those that were not asked for, and why: too large.
  virtual std::map<imap::Uid, std::string> withheld() const { return {}; }
};

// What tells messages apart without their text, for finding them again.
struct Identity {
  imap::Uid uid;
  imap::FlagSet flags;
  std::uint64_t size = 0;
  std::int64_t internal_date = 0;
  std::string message_id;
  std::string object_id{};  // of a server that has them (EMAILID, X-GM-MSGID); empty: not known
};

using FlagsOfMessages = std::map<imap::Uid, imap::FlagSet>;
using ObjectIds = std::map<imap::Uid, std::string>;

// What the store's ledger is to say about messages.
struct Remark {
  imap::UidSet here, there;  // as many; or one of them is empty
  std::string text;
};

// A message somewhere on one side.
struct MessagePlace {
  MailboxPath mailbox;
  imap::Uid uid;
  auto operator<=>(const MessagePlace&) const = default;
};

// A mailbox that the side has not listed, by what it calls it: it is gone, newer than the listing, or another
// account's.
inline MailboxPath unlisted_mailbox(const std::string& id) { return MailboxPath('\0' + id); }
inline bool is_unlisted(const MailboxPath& path) { return path.text().starts_with('\0'); }

// A client of ours has made this copy of that message, by COPY or MOVE.
struct NotedCopy {
  MessagePlace copy, original;
  bool operator==(const NotedCopy&) const = default;
};

enum class Manner : std::uint8_t { Copy, Move };

// What became of messages that were to be copied or moved from one mailbox of a side to another.
struct CopyOutcome {
  imap::UidSet done{};                          // of these the side says so
  std::map<imap::Uid, imap::Uid> copies{};      // original and copy, as far as the side tells
  std::optional<imap::UidValidity> validity{};  // of the mailbox that they are in, where it tells
  std::optional<base::Refusal> refusal{};       // why others were not
};

// One mailbox, open. Calls one after the other.
class ReplicaMailbox {
 public:
  virtual ~ReplicaMailbox() = default;

  // since.uid_validity 0: everything. Where UIDVALIDITY is another one: no changes, and state tells.
  virtual asio::awaitable<SideChanges> changes(SideState since, imap::UidSet known) = 0;
  // The connection has broken at that: what is new is looked for in another way, and of all else nothing is concluded.
  virtual void look_carefully() {}
  virtual asio::awaitable<std::unique_ptr<MessageStream>> fetch(imap::UidSet uids) = 0;
  // The connection has broken at a message: texts are asked for at once from now on, without a question before that may
  // be the one at which it breaks.
  virtual void fetch_texts_at_once() {}
  virtual asio::awaitable<std::vector<Identity>> identities(imap::UidSet uids) = 0;
  // What the side calls them, in whichever mailbox they are, as far as it tells.
  virtual bool has_object_ids() const { return false; }
  virtual asio::awaitable<ObjectIds> object_ids(imap::UidSet) { co_return ObjectIds(); }
  // A digest of each one's header, the same however line ends are kept; of those that the side tells.
  virtual asio::awaitable<std::map<imap::Uid, std::string>> header_digests(imap::UidSet) {
    co_return std::map<imap::Uid, std::string>();
  }
  // As they are now, of those that the side tells of.
  virtual asio::awaitable<FlagsOfMessages> flags(imap::UidSet) { co_return FlagsOfMessages(); }
  // What a person calls these messages (sync/message_name.h), as far as the side tells.
  virtual asio::awaitable<std::map<imap::Uid, std::string>> names(imap::UidSet) {
    co_return std::map<imap::Uid, std::string>();
  }

  // UIDs in the order given; empty: taken, but the side does not say which UIDs. All or none. at_commit: see
  // commits_state().
  virtual asio::awaitable<base::Result<std::vector<imap::Uid>>> append(std::vector<FetchedMessage>& messages,
                                                                       store::AtCommit at_commit) = 0;
  virtual asio::awaitable<base::Result<void>> change_flags(imap::UidSet uids, imap::FlagChange change,
                                                           imap::FlagSet flags) = 0;
  virtual asio::awaitable<base::Result<void>> expunge(imap::UidSet uids) = 0;  // OK: none of them is there any more

  // Those of them that the side tells of in any way; asked where identities() leaves some out.
  virtual asio::awaitable<imap::UidSet> told_of(imap::UidSet) { co_return imap::UidSet(); }

  // Of these messages those that are there, and of them those that nobody is still writing. For sides that keep notes
  // (Replica::noted_copies).
  struct Present {
    imap::UidSet there, whole;
  };
  virtual asio::awaitable<Present> present(imap::UidSet) { co_return Present(); }

  // Whether expunge takes these messages alone; else it refuses where others are marked \Deleted, which the caller sets
  // aside before.
  virtual bool expunges_alone() const { return true; }
  virtual asio::awaitable<base::Result<imap::UidSet>> marked_deleted() { co_return imap::UidSet(); }

  // Opens it, and looks at nothing. Its UIDVALIDITY; 0: it cannot be opened.
  virtual asio::awaitable<imap::UidValidity> enter() { co_return imap::UidValidity(); }
  virtual bool can_move() const { return false; }
  // Into another mailbox of this side, with flags and dates. It must have been entered, or looked at. at_commit: as
  // for append.
  virtual asio::awaitable<CopyOutcome> copy_to(imap::UidSet, MailboxPath, Manner, store::AtCommit) {
    co_return CopyOutcome{.refusal = base::Refusal{base::Reason::Unsupported, "it copies nothing"}};
  }
  // Which there are from this one on, as it now is.
  virtual asio::awaitable<base::Result<imap::UidSet>> uids_from(imap::Uid) {
    co_return base::refuse(base::Reason::Unsupported, "it does not tell");
  }

  // Those of a message's flags that it will have here; append leaves the others out.
  virtual imap::FlagSet kept(const imap::FlagSet& flags) const { return flags; }

  // For sides that keep a ledger.
  virtual asio::awaitable<void> remark(std::vector<Remark>) { co_return; }

  // Whether append's at_commit is called and its writes are made with the messages, all or none. Else the caller writes
  // an intent before and the outcome after.
  virtual bool commits_state() const = 0;
  virtual std::size_t append_limit() const = 0;  // messages in one append
  // Octets of the largest message that append takes; nullopt: the side does not say.
  virtual asio::awaitable<std::optional<std::uint64_t>> largest_message() { co_return std::nullopt; }
  // Whether a message is shown from when it is taken on: one whose append was cut off, and that is not there at the
  // next look, was not taken.
  virtual bool shows_at_once() const { return true; }
};

struct ReplicaEntry {
  MailboxPath path;
  bool subscribed = false;
  bool exists = true;  // selectable; else only subscribed or only an ancestor
  std::vector<std::string> special_use;
  std::optional<SideState> state;         // where the listing tells it
  std::optional<std::uint64_t> unseen{};  // the same
};

// A mailbox that a listing could not take in, or a part of a listing (path empty).
struct LeftOut {
  MailboxPath path;
  std::string why;
};

enum class Effort : std::uint8_t { Little, Bulk };  // how much a mailbox is opened for

class Replica {
 public:
  virtual ~Replica() = default;

  virtual asio::awaitable<std::vector<ReplicaEntry>> list() = 0;
  virtual std::vector<LeftOut> left_out() const { return {}; }  // of the last list()
  // Refusals are this mailbox's; the others can go on. Waits for a free connection where there are only so many.
  virtual asio::awaitable<base::Result<std::unique_ptr<ReplicaMailbox>>> open(MailboxPath path, Effort effort) = 0;
  virtual asio::awaitable<base::Result<void>> create(MailboxPath path, std::vector<std::string> special_use) = 0;
  virtual asio::awaitable<base::Result<void>> set_subscribed(MailboxPath path, bool subscribed) = 0;
  // Its messages are gone with it, and its subscription; what is below it stays.
  virtual asio::awaitable<base::Result<void>> remove(MailboxPath path) = 0;
  // Whether somebody has told this side to remove the mailbox that stood so; false: that is not known.
  virtual asio::awaitable<bool> was_told_to_remove(MailboxPath, SideState) { co_return false; }
  virtual asio::awaitable<base::Result<void>> rename(MailboxPath from, MailboxPath to) = 0;  // and what is below it
  // What clients of ours have copied and moved, and nobody has forgotten.
  virtual asio::awaitable<std::vector<NotedCopy>> noted_copies() { co_return std::vector<NotedCopy>(); }
  // The others are kept on.
  virtual asio::awaitable<void> forget_copies(std::vector<NotedCopy>) { co_return; }
  virtual std::size_t parallel() const = 0;    // mailboxes that may be open at once
  virtual asio::awaitable<void> finish() = 0;  // a polite end
  virtual void close() = 0;                    // an end at once: what is under way fails
  virtual bool is_connecting() const { return false; }
  virtual void doubt_connections() {}  // the path to the server may be dead: what is under way is not waited for long
  virtual const std::string& description() const = 0;  // for messages: "the store", "imap.example.org"
};

}  // namespace mirror
