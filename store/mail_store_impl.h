// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// MailStoreImpl: the store's mailboxes by name, its index, its watch and its worker.
//
// Locks, in this order: structure_ (one change to the set of mailboxes at a time); a slot's `busy` (a mailbox is being
// opened, removed or renamed: the others are not held up by it), several by name; a mailbox's own; mutex_ and files_,
// for moments only (docs/threads.md).
#pragma once

#include <map>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "proto/base/mutex.h"
#include "store/mail_store.h"
#include "store/mailbox/behind/write_behind_thread.h"
#include "store/mailbox/mailbox_impl.h"
#include "store/maildir/layout.h"
#include "store/owner/store_lock.h"

namespace store {

inline std::unexpected<base::Refusal> no_such_mailbox(const imap::MailboxName& name) {
  return base::refuse(base::Reason::NoSuchMailbox, "there is no mailbox " + name.utf8());
}

class MailStoreImpl final : public MailStore {
 public:
  MailStoreImpl(std::filesystem::path root, StoreLock lock, StoreOptions options);
  ~MailStoreImpl() override;

  const std::filesystem::path& root() const override { return layout_.root(); }
  char delimiter() const override { return layout_.delimiter(); }
  std::vector<MailboxEntry> list() override;
  bool exists(const imap::MailboxName& name) override;
  base::Result<std::shared_ptr<Mailbox>> open_mailbox(const imap::MailboxName& name) override;
  base::Result<void> create(const imap::MailboxName& name, const std::vector<std::string>& special_use) override;
  base::Result<void> remove(const imap::MailboxName& name) override;
  base::Result<void> rename(const imap::MailboxName& from, const imap::MailboxName& to) override;
  base::Result<void> set_subscribed(const imap::MailboxName& name, bool subscribed) override;
  Subscription subscribe(std::function<void(const StoreEvent&)> f) override;

  std::optional<std::string> get_state(std::string_view key) override;
  std::vector<std::pair<std::string, std::string>> get_states(std::string_view prefix) override;
  void for_each_state(std::string_view prefix,
                      const std::function<bool(std::string_view, std::string_view)>& f) override;
  void put_state(const StateBatch& batch, bool durable) override;

  void drain_renames() override {
    const Foreground::Hurry hurry(core_.foreground);
    worker_.drain();
  }

  std::vector<RemovedMessage> removed() override;
  std::optional<imap::Literal> removed_text(const RemovedMessage& message) override;
  void set_keep_removed(KeepRemoved limits) override;
  void note_copies() override;
  void let_names_rest(bool rests) override { core_.names_rest = rests; }
  base::Result<void> keep(const imap::MailboxName& mailbox, const NewMessage& message, const std::string& by) override;
  base::Result<std::size_t> bring_back(const std::vector<RemovedMessage>& messages) override;
  void for_each_ledger_entry(const std::function<bool(const LedgerEntry& entry)>& f) override {
    core_.ledger->for_each(f);
  }
  void set_keep_ledger(KeepLedger limits) override { core_.ledger->set_limits(limits); }
  void forget_old_notes();
  void give_back_cached();
  void sweep_contents();
  void sweep_removed() EXCLUDES(mutex_);
  void sweep_ledger() EXCLUDES(mutex_);
  std::size_t forget_unused(std::chrono::steady_clock::duration idle) override;

 private:
  struct Slot {
    std::shared_ptr<base::Mutex> busy = std::make_shared<base::Mutex>();
    std::shared_ptr<MailboxImpl> mailbox;  // null: not open
    std::chrono::steady_clock::time_point used =
        std::chrono::steady_clock::now();  // when it was had from here, or held, last
  };
  struct Held {  // a name that nobody else opens, removes or renames meanwhile
    std::shared_ptr<base::Mutex> busy;
    base::UniqueLock lock;
  };
  using Renames = std::vector<std::pair<imap::MailboxName, imap::MailboxName>>;

  Held hold(const imap::MailboxName& name) EXCLUDES(mutex_);
  std::shared_ptr<MailboxImpl> find_open(const imap::MailboxName& name) EXCLUDES(mutex_);
  void forget(const imap::MailboxName& name) EXCLUDES(mutex_);
  bool claim_place(const std::shared_ptr<MailboxImpl>& mailbox, const std::filesystem::path& directory)
      EXCLUDES(mutex_);
  base::Result<std::shared_ptr<Mailbox>> load(const imap::MailboxName& name, const std::filesystem::path& directory);
  void note_removal(const std::filesystem::path& aside, const imap::MailboxName& name);
  void keep_mailbox(const std::filesystem::path& aside, const std::filesystem::path& directory);
  bool is_above_others(const imap::MailboxName& name, const Renames& but = {}) const REQUIRES(structure_);
  Renames renames_of(const imap::MailboxName& from, const imap::MailboxName& to) const REQUIRES(structure_);
  void rename_directories(const Renames& names) REQUIRES(structure_);
  void rename_all(const Renames& names) REQUIRES(structure_);
  // UIDVALIDITY of a new mailbox: the time, and above any that this store ever gave, so that a name made anew is told
  // from the old one.
  imap::UidValidity fresh_validity() EXCLUDES(files_);
  base::Result<std::size_t> bring_back_some(std::span<const RemovedMessage* const> messages, Mailbox& mailbox);
  using SpecialUses = std::vector<std::pair<std::string, imap::MailboxName>>;
  void change_special_use(const std::function<bool(SpecialUses& uses)>& f) EXCLUDES(files_);  // f: whether it did
  void announce(StoreEvent::Kind kind, const imap::MailboxName& name, const imap::MailboxName& to = {});
  std::vector<std::shared_ptr<MailboxImpl>> open_now() EXCLUDES(mutex_);
  void check_dirty();
  std::vector<std::pair<imap::MailboxName, std::shared_ptr<base::Mutex>>> unused(
      std::chrono::steady_clock::duration idle) EXCLUDES(mutex_);
  bool forget_if_unused(const imap::MailboxName& name, base::Mutex& busy) EXCLUDES(mutex_);

  Layout layout_;
  StoreLock lock_;
  StoreCore core_;
  base::Mutex structure_;  // the names and directories of mailboxes
  base::Mutex mutex_;
  std::map<imap::MailboxName, Slot> slots_ GUARDED_BY(mutex_);
  std::map<MailboxImpl::Place, std::weak_ptr<MailboxImpl>> places_ GUARDED_BY(mutex_);  // of those that are open
  base::Mutex files_;  // `subscriptions`, `postern-special-use` and `.postern/uidvalidity`
  std::uint32_t validity_given_ GUARDED_BY(files_) = 0, validity_reserved_ GUARDED_BY(files_) = 0;
  Worker worker_;  // ends first
};

}  // namespace store
