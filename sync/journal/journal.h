// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Journal: the agreed state of one account (which mailboxes, which pairs, up to where) and the appends under way. Kept
// in the store's own index, so that it is written with the messages; else in a file (two foreign servers).
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "store/mail_store.h"
#include "store/state.h"
#include "sync/journal/refused_messages.h"
#include "sync/mailbox_path.h"
#include "sync/pair_table.h"
#include "sync/reconcile.h"
#include "sync/removals.h"
#include "sync/replica.h"

namespace mirror {

// Where the octets are. Thread-safe.
class JournalStorage {
 public:
  virtual ~JournalStorage() = default;
  virtual void for_each(std::string_view prefix,
                        const std::function<void(std::string_view key, std::string_view value)>& f) = 0;  // ascending
  virtual void write(const store::StateBatch& batch, bool durable) = 0;
  // Octets that cannot be read, with more behind them. Not 0: nobody writes before mend(), which makes it whole.
  virtual std::uint64_t unreadable() const { return 0; }
  virtual void mend(const store::StateBatch&) {}  // with this batch, in one step
  virtual void give_up() {}  // from now on another process may have it; nothing is written here any more
  // Another text each time that what was written last may have been lost; empty: it never was.
  virtual std::string lost() const { return {}; }
};

std::unique_ptr<JournalStorage> make_store_storage(store::MailStore& mail_store);
// One process at a time; throws Failure (InUse) otherwise. Made where it is missing.
std::unique_ptr<JournalStorage> make_file_storage(const std::filesystem::path& path);
// What it says now, whoever is writing it: empty where there is none. Throws Failure where it is written to.
std::unique_ptr<JournalStorage> read_file_storage(const std::filesystem::path& path);

struct MailboxRecord {
  std::uint32_t number = 0;
  MailboxPath path;
  SideState local, remote;  // everything up to there is on the other side too
  bool subscribed = false;  // as both sides had it
  SideState& on(Side side) { return side == Side::Local ? local : remote; }
  const SideState& on(Side side) const { return side == Side::Local ? local : remote; }
  bool operator==(const MailboxRecord&) const = default;
};

// An append that was begun: written before, erased with its outcome. After a crash the message is looked for among
// those with UIDs from `floor` on.
struct Intent {
  Side to = Side::Remote;
  imap::Uid source;  // on the other side
  imap::Uid floor;   // the destination's UIDNEXT before
  std::uint64_t size = 0;
  std::string digest;
  imap::FlagSet flags;
  bool operator==(const Intent&) const = default;
};

// A message's text that was found to be the same on both sides. Texts never change under a UID: it need not be read
// again as long as UIDVALIDITY and size stay.
struct ComparedText {
  imap::UidValidity uid_validity;  // of the remote side
  std::uint64_t size = 0;          // as the remote side counts
  std::string digest;              // the first 16 octets of mail::content_digest_of()
  bool operator==(const ComparedText&) const = default;
};
using ComparedTexts = std::map<imap::Uid, ComparedText>;  // by UID on the remote side

// The internal dates of a message that was found on both sides with different ones: no side's can be set any more.
struct OtherDates {
  imap::UidValidity uid_validity;  // of the remote side
  std::int64_t here = 0, there = 0;
  bool operator==(const OtherDates&) const = default;
};
using KnownDates = std::map<imap::Uid, OtherDates>;  // by UID on the remote side

class Journal {
 public:
  Journal(std::unique_ptr<JournalStorage> storage, std::string account);

  // Octets of it that could not be read when it was opened; every mailbox is uncertain then.
  std::uint64_t unreadable() const { return unreadable_; }

  std::vector<MailboxRecord> mailboxes();
  // Whether pairs and flags of it may be missing or old: what is there is true, and the rest is adopted.
  bool is_uncertain(std::uint32_t mailbox);
  MailboxRecord add_mailbox(const MailboxPath& path);  // with a number of its own; not written yet
  PairTable pairs(std::uint32_t mailbox);
  std::vector<Intent> intents(std::uint32_t mailbox);
  std::vector<FlagAction> flag_intents(std::uint32_t mailbox);
  HeldMessages held(std::uint32_t mailbox);
  std::map<std::uint32_t, HeldMessages> all_held();
  void forget_mailbox(std::uint32_t mailbox);  // all that is known of it
  // What is agreed of its messages; not what a pass has set aside (set_aside), which has to be put back.
  void forget_pairs(const MailboxRecord& mailbox);

  // What is to be written, into a batch of one's own (or the store's).
  void put_mailbox(store::StateBatch& batch, const MailboxRecord& record) const;
  void put_pair(store::StateBatch& batch, std::uint32_t mailbox, const Pair& pair) const;
  void erase_pair(store::StateBatch& batch, std::uint32_t mailbox, imap::Uid remote) const;
  void put_intent(store::StateBatch& batch, std::uint32_t mailbox, const Intent& intent) const;
  void erase_uncertain(store::StateBatch& batch, std::uint32_t mailbox) const { batch.erase(key('u', mailbox)); }
  void erase_intent(store::StateBatch& batch, std::uint32_t mailbox, Side to, imap::Uid source) const;
  void put_held(store::StateBatch& batch, std::uint32_t mailbox, Side side, imap::Uid uid, const Held& held) const;
  void erase_held(store::StateBatch& batch, std::uint32_t mailbox, Side side, imap::Uid uid) const;
  // Flag changes that are begun: written before, erased with what was agreed. In between some of them are made.
  void put_flag_intents(store::StateBatch& batch, std::uint32_t mailbox, const std::vector<FlagAction>& actions) const;
  void erase_flag_intents(store::StateBatch& batch, std::uint32_t mailbox, std::size_t count) const;
  // Messages whose \Deleted is taken away while others are expunged: written before, erased when they have it again.
  imap::UidSet set_aside(std::uint32_t mailbox, Side side);
  void put_set_aside(store::StateBatch& batch, std::uint32_t mailbox, Side side, const imap::UidSet& uids) const;
  void erase_set_aside(store::StateBatch& batch, std::uint32_t mailbox, Side side) const;
  // All appends, flag changes and marks set aside that were begun.
  void erase_begun(store::StateBatch& batch, std::uint32_t mailbox);
  // durable: also across a power cut; else across the end of the process.
  void commit(const store::StateBatch& batch, bool durable) { storage_->write(batch, durable); }

  // Messages that one side does not have any more, and that are not removed on the other one yet.
  Absences absences(std::uint32_t mailbox);
  std::map<std::uint32_t, Absences> all_absences();
  void put_absence(store::StateBatch& batch, std::uint32_t mailbox, Side side, imap::Uid uid,
                   const Absence& absence) const;
  void erase_absence(store::StateBatch& batch, std::uint32_t mailbox, Side side, imap::Uid uid) const;

  // What the remote side calls a paired message, wherever it is there (EMAILID, X-GM-MSGID). Empty: it tells nothing.
  // `validity`: of the remote side. Erased with the pair.
  ObjectIds object_ids(std::uint32_t mailbox, imap::UidValidity validity);
  void put_object_id(store::StateBatch& batch, std::uint32_t mailbox, imap::UidValidity validity, imap::Uid remote,
                     const std::string& id) const;

  ComparedTexts compared(std::uint32_t mailbox);
  void put_compared(store::StateBatch& batch, std::uint32_t mailbox, imap::Uid remote, const ComparedText& text) const;
  void erase_compared(store::StateBatch& batch, std::uint32_t mailbox, imap::Uid remote) const;
  KnownDates known_dates(std::uint32_t mailbox);
  void put_known_dates(store::StateBatch& batch, std::uint32_t mailbox, imap::Uid remote,
                       const OtherDates& dates) const;
  void erase_known_dates(store::StateBatch& batch, std::uint32_t mailbox, imap::Uid remote) const;

  // A journal that begins as this one is, and of which nothing is kept. This one outlives it.
  std::unique_ptr<Journal> for_trial();
  // Each mailbox is listed whole by the next pass that looks at it.
  void look_at_all();

  void give_up() { storage_->give_up(); }

  // A remark for `postern status`, under a name.
  void put_note(const std::string& name, const std::string& text);
  std::string note(const std::string& name);

 private:
  std::string key(char kind, std::uint32_t mailbox) const;
  std::string remote_key(char kind, std::uint32_t mailbox, imap::Uid remote) const;
  std::string side_key(char kind, std::uint32_t mailbox, Side side) const;
  // Records of single messages whose keys begin so, in the order of their keys.
  using MessageRecord =
      std::function<void(std::uint32_t mailbox, std::pair<Side, imap::Uid> message, std::string_view value)>;
  void for_each_message(const std::string& prefix, const MessageRecord& f);
  std::string message_key(char kind, std::uint32_t mailbox, Side side, imap::Uid uid) const;
  void mend();
  void doubt_all(store::StateBatch& batch);

  std::unique_ptr<JournalStorage> storage_;
  std::string account_, prefix_;
  std::uint32_t last_number_ = 0;
  std::uint64_t unreadable_ = 0;
};

}  // namespace mirror
