// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "sync/local/store_replica.h"

#include <ctime>

#include "proto/base/clock.h"
#include "store/removed_mailboxes.h"
#include "sync/local/noted_copies.h"
#include "sync/local/store_mailbox.h"

namespace mirror {

namespace {

std::string name_of_pass(std::int64_t when) {
  const std::time_t time = when;
  std::tm parts{};
  ::gmtime_r(&time, &parts);
  char text[32];
  std::strftime(text, sizeof text, "pass %Y%m%dT%H%M%SZ", &parts);
  return text;
}

// What was delivered before the pass belongs to it. Where the directory cannot be read, what is known of it stays.
void look_at(store::Mailbox& mailbox) {
  try {
    mailbox.check();
  } catch (const std::system_error&) {
  }
}

class StoreReplica final : public Replica {
 public:
  StoreReplica(store::MailStore& mail_store, transport::WorkerPool& workers, const StoreNames& names,
               OtherPrefixes others)
      : store_(mail_store), workers_(workers), names_(names), others_(std::move(others)) {}

  asio::awaitable<std::vector<ReplicaEntry>> list() override {
    pass_ = name_of_pass(base::unix_now());  // each begins so
    co_return co_await workers_.run([this] {
      std::vector<ReplicaEntry> out;
      ids_.clear();
      auto entries = store_.list();
      const auto others = others_();  // read after the list: a prefix is noted before the first mailbox below it
      for (auto& entry : entries) {
        const auto path = MailboxPath::from_name(entry.name, names_.delimiter, names_.reference);
        if (!path || is_of_another(entry.name, names_.delimiter, names_.reference, others)) continue;
        ReplicaEntry found{*path, entry.subscribed, entry.exists && entry.selectable, entry.special_use, std::nullopt};
        if (found.exists) {
          const auto mailbox = store_.open_mailbox(entry.name);
          // One that cannot be opened is there nevertheless; why it cannot is said when it is opened.
          if (!mailbox && mailbox.error().reason == base::Reason::NoSuchMailbox) continue;
          if (mailbox) {
            look_at(**mailbox);
            const auto status = (*mailbox)->status();
            found.state = SideState{status.uid_validity, status.uid_next, status.highest_modseq, status.messages};
            found.unseen = status.unseen;
            ids_.emplace(status.mailbox_id, *path);
          }
        }
        out.push_back(std::move(found));
      }
      return out;
    });
  }

  asio::awaitable<base::Result<std::unique_ptr<ReplicaMailbox>>> open(MailboxPath path, Effort) override {
    co_return co_await workers_.run([&]() -> base::Result<std::unique_ptr<ReplicaMailbox>> {
      auto mailbox = mailbox_of(path);
      if (!mailbox) return std::unexpected(mailbox.error());
      look_at(**mailbox);
      return make_store_mailbox(std::move(*mailbox), workers_, pass_,
                                [this](const MailboxPath& other) { return mailbox_of(other); });
    });
  }

  asio::awaitable<base::Result<void>> create(MailboxPath path, std::vector<std::string> special_use) override {
    co_return co_await workers_.run([&]() -> base::Result<void> {
      const auto name = name_of(path);
      if (!name) return std::unexpected(name.error());
      auto made = store_.create(*name, special_use);
      if (!made && made.error().reason == base::Reason::UseAttr) made = store_.create(*name);
      if (!made && made.error().reason == base::Reason::AlreadyExists) return {};
      return made;
    });
  }

  asio::awaitable<base::Result<void>> set_subscribed(MailboxPath path, bool subscribed) override {
    co_return co_await workers_.run([&]() -> base::Result<void> {
      const auto name = name_of(path);
      if (!name) return std::unexpected(name.error());
      return store_.set_subscribed(*name, subscribed);
    });
  }

  asio::awaitable<base::Result<void>> remove(MailboxPath path) override {
    co_return co_await workers_.run([&]() -> base::Result<void> {
      const auto name = name_of(path);
      if (!name) return std::unexpected(name.error());
      if (auto done = store_.remove(*name); !done) return done;
      return store_.set_subscribed(*name, false);
    });
  }

  asio::awaitable<bool> was_told_to_remove(MailboxPath path, SideState known) override {
    co_return co_await workers_.run([&] {
      const auto name = name_of(path);
      if (!name) return false;
      const auto said = store_.get_state(std::string(store::kMailboxRemoved) + name->utf8());
      return said && *said == std::to_string(known.uid_validity.value);
    });
  }

  asio::awaitable<base::Result<void>> rename(MailboxPath from, MailboxPath to) override {
    co_return co_await workers_.run([&]() -> base::Result<void> {
      const auto old_name = name_of(from), new_name = name_of(to);
      if (!old_name) return std::unexpected(old_name.error());
      if (!new_name) return std::unexpected(new_name.error());
      if (holds_of_another(*old_name, names_.delimiter, names_.reference, others_()))
        return base::refuse(base::Reason::NotPermitted, "another account's mailboxes are below it");
      return store_.rename(*old_name, *new_name);
    });
  }

  asio::awaitable<std::vector<NotedCopy>> noted_copies() override {
    co_return co_await workers_.run([this] { return mirror::noted_copies(store_, ids_); });
  }

  asio::awaitable<void> forget_copies(std::vector<NotedCopy> notes) override {
    co_await workers_.run([&] { mirror::forget_copies(store_, ids_, notes); });
  }

  std::size_t parallel() const override { return 64; }
  asio::awaitable<void> finish() override { co_return; }
  void close() override {}
  const std::string& description() const override { return description_; }

 private:
  base::Result<std::shared_ptr<store::Mailbox>> mailbox_of(const MailboxPath& path) {
    const auto name = name_of(path);
    if (!name) return std::unexpected(name.error());
    return store_.open_mailbox(*name);
  }

  base::Result<imap::MailboxName> name_of(const MailboxPath& path) const {
    if (auto name = path.to_name(names_.delimiter, names_.reference)) {
      if (!is_of_another(*name, names_.delimiter, names_.reference, others_())) return *name;
      return base::refuse(base::Reason::NotPermitted, "the mailboxes of that name are another account's");
    }
    return base::refuse(base::Reason::InvalidName,
                        std::string("the store cannot hold a name with '") + names_.delimiter + "' in it");
  }

  store::MailStore& store_;
  transport::WorkerPool& workers_;
  StoreNames names_;
  OtherPrefixes others_;
  std::string description_ = "the store";
  std::string pass_;
  MailboxIds ids_;  // as of the last list()
};

}  // namespace

std::unique_ptr<Replica> make_store_replica(store::MailStore& mail_store, transport::WorkerPool& workers,
                                            const StoreNames& names, OtherPrefixes others) {
  if (!others) others = [] { return std::vector<std::string>(); };
  return std::make_unique<StoreReplica>(mail_store, workers, names, std::move(others));
}

}  // namespace mirror
