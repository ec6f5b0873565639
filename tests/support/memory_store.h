// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// A MailStore in memory: what the real one must look like from outside, said in the fewest words. For tests of
// sessions.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "proto/base/mutex.h"
#include "store/feed.h"
#include "store/mail_store.h"

namespace tests {

class MemoryMailbox final : public store::Mailbox {
 public:
  MemoryMailbox(imap::MailboxName name, std::uint32_t validity) : validity_(validity), name_(std::move(name)) {}

  imap::MailboxName name() const override;
  store::MailboxStatus status() const override;
  bool is_deleted() const override;
  std::vector<std::string> keywords() const override;
  std::vector<imap::Uid> uids() const override;
  std::optional<imap::Uid> first_unseen() const override;
  std::uint64_t size() override;
  std::vector<store::Message> messages(const imap::UidSet& uids) const override;
  store::Changes changes_since(imap::ModSeq since) const override;
  imap::UidSet claim_recent() override;
  imap::UidSet unclaimed_recent() const override;
  base::Result<std::vector<imap::Uid>> append(std::span<store::NewMessage> messages, const store::AtCommit& at_commit,
                                              const std::string& by) override;
  base::Result<store::Copied> copy_to(const imap::UidSet& uids, store::Mailbox& to, const store::AtCommit& at_commit,
                                      const std::string& by) override;
  base::Result<store::Copied> move_to(const imap::UidSet& uids, store::Mailbox& to, const store::AtCommit& at_commit,
                                      const std::string& by) override;
  base::Result<store::FlagsChanged> change_flags(const imap::UidSet& uids, imap::FlagChange change,
                                                 const imap::FlagSet& flags,
                                                 std::optional<imap::ModSeq> unchanged_since,
                                                 const store::AtCommit& at_commit, const std::string& by) override;
  base::Result<imap::UidSet> expunge(const std::optional<imap::UidSet>& uids, const store::AtCommit& at_commit,
                                     const std::string& by) override;
  base::Result<imap::UidSet> remove(const imap::UidSet& uids, const store::AtCommit& at_commit,
                                    const std::string& by) override;
  std::unique_ptr<store::ContentReader> reader() override;
  std::vector<imap::Uid> search(const imap::SearchKey& key, const imap::UidSet& among,
                                const std::function<bool()>& stop) override;
  std::vector<imap::Uid> sort(const imap::SortProgram& program, const std::vector<imap::Uid>& found,
                              const std::function<bool()>& stop) override;
  imap::Threads threads(imap::ThreadAlgorithm algorithm, const std::vector<imap::Uid>& found,
                        const std::function<bool()>& stop) override;
  void check() override {}
  store::Subscription subscribe(std::function<void()> f) override { return feed_.subscribe(std::move(f)); }

  struct Row {
    store::Message message;
    std::string text;
  };
  std::optional<std::string> text(imap::Uid uid) const;
  std::atomic<std::size_t> commits = 0;     // how often anything was made durable
  std::atomic<std::uint64_t> room = ~0ull;  // octets that still fit; beyond: NoSpace

 private:
  friend class MemoryStore;
  imap::UidSet erase(const imap::UidSet& uids);
  void mark_deleted();
  void renamed(imap::MailboxName to);

  const std::uint32_t validity_;
  mutable base::Mutex mutex_;  // the store's is taken before it
  imap::MailboxName name_ GUARDED_BY(mutex_);
  std::uint32_t next_ GUARDED_BY(mutex_) = 1;
  imap::ModSeq modseq_ GUARDED_BY(mutex_){1};
  std::map<imap::Uid, Row> rows_ GUARDED_BY(mutex_);
  std::vector<std::pair<imap::ModSeq, imap::UidSet>> expunged_ GUARDED_BY(mutex_);
  imap::UidSet unclaimed_ GUARDED_BY(mutex_);
  bool deleted_ GUARDED_BY(mutex_) = false;
  store::Feed<> feed_;
};

class MemoryStore final : public store::MailStore {
 public:
  MemoryStore();
  const std::filesystem::path& root() const override { return root_; }
  char delimiter() const override { return '/'; }
  std::vector<store::MailboxEntry> list() override;
  bool exists(const imap::MailboxName& name) override;
  base::Result<std::shared_ptr<store::Mailbox>> open_mailbox(const imap::MailboxName& name) override;
  base::Result<void> create(const imap::MailboxName& name, const std::vector<std::string>& special_use) override;
  base::Result<void> remove(const imap::MailboxName& name) override;
  base::Result<void> rename(const imap::MailboxName& from, const imap::MailboxName& to) override;
  base::Result<void> set_subscribed(const imap::MailboxName& name, bool subscribed) override;
  store::Subscription subscribe(std::function<void(const store::StoreEvent&)> f) override {
    return feed_.subscribe(std::move(f));
  }
  std::optional<std::string> get_state(std::string_view) override { return std::nullopt; }
  std::vector<std::pair<std::string, std::string>> get_states(std::string_view) override { return {}; }
  void for_each_state(std::string_view, const std::function<bool(std::string_view, std::string_view)>&) override {}
  void put_state(const store::StateBatch&, bool) override {}
  void drain_renames() override {}
  std::size_t forget_unused(std::chrono::steady_clock::duration) override { return 0; }

  MemoryMailbox& mailbox(std::string_view name) {
    const base::MutexLock lock(mutex_);
    return *mailboxes_.at(imap::MailboxName(name)).mailbox;
  }

 private:
  struct Slot {
    std::shared_ptr<MemoryMailbox> mailbox;
    std::vector<std::string> special_use;
  };
  base::Mutex mutex_;
  std::filesystem::path root_ = "memory";
  std::map<imap::MailboxName, Slot> mailboxes_ GUARDED_BY(mutex_);
  std::set<imap::MailboxName> subscribed_ GUARDED_BY(mutex_);
  std::uint32_t validity_ GUARDED_BY(mutex_) = 1000;
  store::Feed<const store::StoreEvent&> feed_;
};

}  // namespace tests
