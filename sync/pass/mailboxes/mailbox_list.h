// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// MailboxList: which mailboxes both sides have now, and what is known of them.
#pragma once

#include <asio/awaitable.hpp>

#include <cstdint>
#include <deque>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "sync/pass/context/pass_context.h"
#include "sync/pass/context/scope.h"
#include "sync/pass/mailboxes/renamed_mailboxes.h"

namespace mirror {

struct Candidate {
  MailboxPath path;
  const ReplicaEntry* local = nullptr;
  const ReplicaEntry* remote = nullptr;
  MailboxRecord* record = nullptr;
  bool is_open = false;     // has been opened on both sides
  bool careful = false;     // the connection has broken while it was looked at
  bool is_witness = false;  // is asked before all others (sync/pass/pairing/strangers.h)

  const ReplicaEntry*& on(Side side) { return side == Side::Local ? local : remote; }
  const ReplicaEntry* on(Side side) const { return side == Side::Local ? local : remote; }
};

inline bool is_there(const ReplicaEntry* entry) { return entry != nullptr && entry->exists; }
// Whether what was on both sides under this name is there no more: gone, or its name is another mailbox's now.
bool has_left(const Candidate& candidate, Side side);

// A mailbox that has another name on each side now.
struct RenamedTwice {
  MailboxPath old_name, here, there;
};

// Of one pass. What its parts share.
struct MailboxList {
  MailboxList(PassContext& c, Replica& l, Replica& r, const Scope& s) : context(c), local(l), remote(r), scope(s) {}

  asio::awaitable<void> read_journal();
  // Asks both sides for their mailboxes; all that is below is made anew.
  asio::awaitable<void> look();

  void report_left_out();
  // Before anything is removed anywhere: what the counts of all mailboxes tell.
  void count_losses();

  Replica& on(Side side) { return side == Side::Local ? local : remote; }
  void problem(const MailboxPath& path, const std::string& text);

  PassContext& context;
  Replica& local;
  Replica& remote;
  const Scope& scope;
  bool good = true;            // nothing is left to do, as far as is known
  bool keeps_deleted = false;  // no mailbox is deleted: this side has messages that may be nowhere else then

  std::map<MailboxPath, MailboxRecord> records;
  std::map<std::uint32_t, HeldMessages> held;
  std::map<std::uint32_t, Absences> absences;

  std::vector<Candidate> candidates;           // in scope, on one side at least; INBOX first
  std::vector<MailboxPath> gone;               // known, and on neither side any more
  std::map<MailboxPath, MailboxPath> renamed;  // on one side: old name to new name
  std::set<MailboxPath> new_names;             // those of `renamed` and of `renamed_twice`
  std::vector<RenamedTwice> renamed_twice;
  std::map<MailboxPath, MailboxPath> hidden;  // on one side: old name to a new one that is not in scope
  std::vector<MailboxRecord*> unsubscribed;   // no longer on either side
  std::deque<ReplicaEntry> made;              // what was made in this pass

 private:
  void gather();
  void look_for_renamed(Side side);
  void look_for_renamed_twice();
  WhereItStands listed_on(Side side) const;
  std::set<MailboxPath> unknown_on(Side side) const;
  std::vector<ReplicaEntry> local_entries_, remote_entries_;
};

}  // namespace mirror
