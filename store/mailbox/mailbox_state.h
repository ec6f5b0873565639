// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// MailboxState: what a mailbox is in memory, and its locks.
//
// 1. change_mutex: one change of the mailbox at a time. Whoever changes it holds this over the disk and the index.
// 2. table_mutex: for moments; never held over a system call or a write to the index. So whoever only asks what the
//    messages are waits for nobody's disk.
// What is shared is written under both and read under either: with table_mutex through shared(), with change_mutex
// through table(), name() and directory(). The compiler checks that: only write() and move() write, but for claims.
#pragma once

#include <atomic>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "proto/base/mutex.h"
#include "store/feed.h"
#include "store/index/contents.h"
#include "store/index/index.h"
#include "store/ledger/ledger.h"
#include "store/mail_store.h"
#include "store/mailbox/behind/doomed_files.h"
#include "store/mailbox/behind/foreground.h"
#include "store/mailbox/change_mutex.h"
#include "store/mailbox/message_table.h"
#include "store/maildir/watch.h"
#include "store/removed/removed_mail.h"

namespace store {

class MailboxImpl;

// What mailboxes need of their store.
struct StoreCore {
  StoreOptions options;
  std::filesystem::path root;
  std::unique_ptr<Index> index;
  std::unique_ptr<Contents> contents;
  std::unique_ptr<RemovedMail> removed;
  std::unique_ptr<Ledger> ledger;
  std::unique_ptr<Watch> watch;  // null: not watching
  Feed<StoreEvent> feed;
  Foreground foreground;
  // Few in tests: rows of a large change that are written to the index in one piece, and messages of one EXPUNGE that
  // one change removes.
  std::size_t rows_at_once = 1000, removed_at_once = 5000;
  std::size_t ranks_kept_from = 1000;      // messages: of fewer they are made as fast as they are read
  std::size_t keys_worth_a_thread = 2000;  // messages whose keys are read at once
  std::atomic<bool> notes_copies = false;  // store/copied_messages.h
  std::atomic<bool> names_rest = false;    // mailboxes that are opened now rename no files by that alone

  // Renames and unlinks that follow behind are done by the store's worker thread.
  std::function<void(std::shared_ptr<MailboxImpl>)> work_later;
};

struct MailboxState {
  MailboxState(StoreCore& of, imap::MailboxName called, std::filesystem::path lies)
      : core(of), shared_{std::move(called), std::move(lies), {}} {}

  StoreCore& core;
  std::string id;  // set when the mailbox is loaded
  mutable ChangeMutex change_mutex;
  mutable base::Mutex table_mutex ACQUIRED_AFTER(change_mutex);

  struct Shared {
    imap::MailboxName name;
    std::filesystem::path directory;
    MessageTable table;
  };
  const Shared& shared() const REQUIRES(table_mutex) { return shared_; }
  const imap::MailboxName& name() const REQUIRES(change_mutex) { return in_change().name; }
  const std::filesystem::path& directory() const REQUIRES(change_mutex) { return in_change().directory; }
  const MessageTable& table() const REQUIRES(change_mutex) { return in_change().table; }
  template <class F>
  void write(F f) REQUIRES(change_mutex) EXCLUDES(table_mutex) {  // f(MessageTable&), for a moment
    const base::MutexLock lock(table_mutex);
    f(shared_.table);
  }
  void move(imap::MailboxName name, std::filesystem::path directory) REQUIRES(change_mutex) EXCLUDES(table_mutex) {
    const base::MutexLock lock(table_mutex);
    shared_.name = std::move(name);
    shared_.directory = std::move(directory);
  }
  // Claims wait for no change.
  imap::UidSet claim() REQUIRES(table_mutex) { return shared_.table.claim(); }
  void set_claimed(imap::Uid uid) REQUIRES(table_mutex) { shared_.table.set_claimed(uid); }

  imap::UidSet pending GUARDED_BY(change_mutex);     // messages whose file has not the name it should have
  bool names_rest GUARDED_BY(change_mutex) = false;  // those that had another one when it was opened are not in it
  void queue_misnamed() REQUIRES(change_mutex) {
    names_rest = false;
    for (const auto& row : table().rows())
      if (table().is_misnamed(row)) pending.add(row.uid);
  }
  DoomedFiles doomed GUARDED_BY(change_mutex);
  std::vector<std::string> letters_saved GUARDED_BY(change_mutex);  // what dovecot-keywords holds
  imap::Uid reserved GUARDED_BY(change_mutex){1};                   // the text file's uidnext
  // To the text file: they take back what a change that failed wrote there.
  std::string lines_owed GUARDED_BY(change_mutex);
  // Records to be erased: they announce files that a failed change did not make.
  imap::UidSet intents_owed GUARDED_BY(change_mutex);
  imap::UidSet rows_owed GUARDED_BY(change_mutex);  // rows that a failed change wrote ahead of its commit
  std::atomic<bool> deleted{false};
  std::atomic<bool> dirty{false};  // somebody else changed the directory
  bool owes() const REQUIRES(change_mutex) {
    return !lines_owed.empty() || !intents_owed.empty() || !rows_owed.empty();
  }

 private:
  const Shared& in_change() const REQUIRES(change_mutex)
      NO_THREAD_SAFETY_ANALYSIS("nobody else writes while change_mutex is held") {
    return shared_;
  }
  Shared shared_ GUARDED_BY(table_mutex);
};

}  // namespace store
