// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// MailboxState: what a mailbox is in memory, and its locks.
//
// 1. change_mutex: one change of the mailbox at a time. Whoever changes it holds this over the disk and the index.
// 2. table_mutex: for moments; never held over a system call or a write to the index. So whoever only asks what the
//    messages are waits for nobody's disk.
// The members under "both" are written under both locks, and read under either.
#pragma once

#include <atomic>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "store/feed.h"
#include "store/index/contents.h"
#include "store/index/index.h"
#include "store/mail_store.h"
#include "store/mailbox/change_mutex.h"
#include "store/mailbox/doomed_files.h"
#include "store/mailbox/foreground.h"
#include "store/mailbox/message_table.h"
#include "store/maildir/watch.h"

namespace store {

class MailboxImpl;

// What mailboxes need of their store.
struct StoreCore {
  StoreOptions options;
  std::filesystem::path root;
  std::unique_ptr<Index> index;
  std::unique_ptr<Contents> contents;
  std::unique_ptr<Watch> watch;  // null: not watching
  Feed<StoreEvent> feed;
  Foreground foreground;

  // Renames and unlinks that follow behind are done by the store's worker thread.
  std::function<void(std::shared_ptr<MailboxImpl>)> work_later;
};

struct MailboxState {
  MailboxState(StoreCore& of, imap::MailboxName called, std::filesystem::path lies)
      : core(of), name(std::move(called)), directory(std::move(lies)) {}

  StoreCore& core;
  std::string id;  // set when the mailbox is loaded
  mutable ChangeMutex change_mutex;
  mutable std::mutex table_mutex;

  // Both.
  imap::MailboxName name;
  std::filesystem::path directory;
  MessageTable table;

  // change_mutex.
  imap::UidSet pending;  // messages whose file has not the name it should have
  DoomedFiles doomed;
  std::vector<std::string> letters_saved;  // what dovecot-keywords holds
  imap::Uid reserved{1};                   // the text file's uidnext
  std::string lines_owed;                  // to the text file: they take back what a change that failed wrote there
  imap::UidSet intents_owed;  // records to be erased: they announce files that a failed change did not make
  std::atomic<bool> deleted{false};
  std::atomic<bool> dirty{false};  // somebody else changed the directory
  bool owes() const { return !lines_owed.empty() || !intents_owed.empty(); }
};

}  // namespace store
