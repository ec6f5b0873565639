// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// MailStore: the mailboxes of one account in one directory, and the lock that makes this process its owner.
// Thread-safe.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "proto/base/log.h"
#include "proto/base/result.h"
#include "proto/mailbox_name.h"
#include "store/ledger.h"
#include "store/mailbox.h"
#include "store/removed.h"
#include "store/state.h"

namespace store {

struct MailboxEntry {
  imap::MailboxName name;
  bool exists = true;  // false: only an ancestor of others, or only subscribed (\NonExistent)
  bool selectable = true;
  bool has_children = false;
  bool subscribed = false;
  std::vector<std::string> special_use;  // "\Sent", ...
};

struct StoreOptions {
  bool create = true;                        // make the directory and INBOX where there is nothing
  bool watch = true;                         // inotify; off in tests that call check() themselves
  bool sync_to_disk = true;                  // off in tests that only count
  std::chrono::seconds forget_after{600};    // mailboxes that nobody holds leave memory then
  std::chrono::milliseconds patience{5000};  // for files that follow behind, when the store is closed
  base::Log log;
  // Called once, from any thread, when the index is found to be corrupt while the store is open. Calls that need what
  // cannot be read throw or refuse with Corrupt; close the store then: the next open rebuilds the index.
  std::function<void()> on_corrupt_index;
};

// What happened to the set of mailboxes or inside one; for the sync and for LIST.
struct StoreEvent {
  enum class Kind : std::uint8_t { Changed, Created, Deleted, Renamed, Subscriptions };
  Kind kind = Kind::Changed;
  imap::MailboxName mailbox;
  imap::MailboxName renamed_to;  // Renamed
};

class MailStore {
 public:
  // Refuses, without writing anything, a place where no store is or can be: NotPermitted (foreign-owned, unreadable),
  // Failed (not a directory; files, and no mail among them).
  static base::Result<void> check(const std::filesystem::path& root);
  // Refuses: InUse (another process owns it), what check() refuses, Corrupt (not even a new index can be made); a
  // corrupt index is rebuilt.
  static base::Result<std::unique_ptr<MailStore>> open(const std::filesystem::path& root, StoreOptions options);
  virtual ~MailStore() = default;  // waits for what follows behind, a while; nothing is lost if it never runs

  virtual const std::filesystem::path& root() const = 0;
  virtual char delimiter() const = 0;                      // '/' for fs, '.' for maildir++
  virtual std::vector<MailboxEntry> list() = 0;            // all, sorted, ancestors and subscribed-only names included
  virtual bool exists(const imap::MailboxName& name) = 0;  // selectable
  virtual base::Result<std::shared_ptr<Mailbox>> open_mailbox(const imap::MailboxName& name) = 0;
  virtual base::Result<void> create(const imap::MailboxName& name,
                                    const std::vector<std::string>& special_use = {}) = 0;
  virtual base::Result<void> remove(const imap::MailboxName& name) = 0;
  virtual base::Result<void> rename(const imap::MailboxName& from,
                                    const imap::MailboxName& to) = 0;  // INBOX: its messages move
  virtual base::Result<void> set_subscribed(const imap::MailboxName& name, bool subscribed) = 0;

  virtual Subscription subscribe(std::function<void(const StoreEvent&)> f) = 0;  // as Mailbox::subscribe

  // State of others (see state.h).
  virtual std::optional<std::string> get_state(std::string_view key) = 0;
  virtual std::vector<std::pair<std::string, std::string>> get_states(std::string_view prefix) = 0;  // ascending
  virtual void for_each_state(std::string_view prefix,
                              const std::function<bool(std::string_view key, std::string_view value)>& f) = 0;
  virtual void put_state(const StateBatch& batch, bool durable = true) = 0;

  // Messages that were removed, oldest first. They are kept for a while (docs/safety.md).
  virtual std::vector<RemovedMessage> removed() { return {}; }
  virtual std::optional<imap::Literal> removed_text(const RemovedMessage&) { return std::nullopt; }
  virtual void set_keep_removed(KeepRemoved) {}
  // Keeps one that is in no mailbox here, and is removed elsewhere.
  virtual base::Result<void> keep(const imap::MailboxName&, const NewMessage&, const std::string& /*by*/) { return {}; }
  // What became of messages here (store/ledger.h), oldest first; f returns whether it wants more.
  virtual void for_each_ledger_entry(const std::function<bool(const LedgerEntry& entry)>&) {}
  virtual void set_keep_ledger(KeepLedger) {}
  // Puts them into their mailboxes again, each once, without \Deleted; how many.
  virtual base::Result<std::size_t> bring_back(const std::vector<RemovedMessage>&) { return std::size_t{0}; }

  // While it is so, mailboxes that are opened leave their files' names as they are (a file in new/, flags that the
  // index knows and the name does not): until something changes in them, or they are opened another time.
  virtual void let_names_rest(bool) {}
  // From now on it is noted what COPY and MOVE have made of which message (store/copied_messages.h).
  virtual void note_copies() {}

  virtual void drain_renames() = 0;  // waits until the files' names say what the index says
  // Mailboxes that nobody has held for so long, and that have nothing to do, leave memory. How many.
  virtual std::size_t forget_unused(std::chrono::steady_clock::duration idle) = 0;
};

}  // namespace store
