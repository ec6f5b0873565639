// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "sync/local/store_mailbox.h"

#include <algorithm>

#include "proto/mail/digest.h"
#include "proto/mail/message_id.h"
#include "sync/local/noted_copies.h"
#include "sync/local/store_stream.h"
#include "sync/message_name.h"

namespace mirror {

namespace {

constexpr std::size_t kAppendLimit = 256;

class StoreMailbox final : public ReplicaMailbox {
 public:
  StoreMailbox(std::shared_ptr<store::Mailbox> mailbox, transport::WorkerPool& workers, std::string by,
               OtherMailbox other)
      : mailbox_(std::move(mailbox)), workers_(workers), by_(std::move(by)), other_(std::move(other)) {}

  asio::awaitable<SideChanges> changes(SideState since, imap::UidSet) override {
    co_return co_await workers_.run([&] {
      SideChanges out;
      const auto status = mailbox_->status();
      out.state = {status.uid_validity, status.uid_next, status.highest_modseq, status.messages};
      if (since.uid_validity && !(since.uid_validity == status.uid_validity)) return out;
      const bool everything = !since.uid_validity || !since.modseq;
      auto said = mailbox_->changes_since(everything ? imap::ModSeq(0) : since.modseq);
      out.complete = everything;
      out.present.reserve(said.changed.size());
      for (auto& message : said.changed) {
        out.state.uid_next = std::max(out.state.uid_next, message.uid.next());
        if (!message.complete) continue;  // another program is writing it: it has another MODSEQ when that is done
        out.present.push_back({message.uid, std::move(message.flags)});
      }
      out.vanished = std::move(said.vanished);
      out.said = std::move(said.said);
      out.state.modseq = said.highest;
      return out;
    });
  }

  asio::awaitable<std::unique_ptr<MessageStream>> fetch(imap::UidSet uids) override {
    co_return make_store_stream(mailbox_, workers_, uids);
  }

  asio::awaitable<std::vector<Identity>> identities(imap::UidSet uids) override {
    co_return co_await workers_.run([&] {
      std::vector<Identity> out;
      const auto reader = mailbox_->reader();
      for (auto& message : mailbox_->messages(uids)) {
        const auto header = reader->header(message.uid);
        if (!header) {  // it is there, and cannot be read
          out.push_back({message.uid, std::move(message.flags), 0, message.internal_date, {}});
          continue;
        }
        auto message_id = mail::message_id_of(*header);
        const auto size = message.size ? message.size : reader->size(message.uid);
        if (!size) continue;
        out.push_back({message.uid, std::move(message.flags), *size, message.internal_date, std::move(message_id)});
      }
      return out;
    });
  }

  asio::awaitable<std::map<imap::Uid, std::string>> header_digests(imap::UidSet uids) override {
    co_return co_await workers_.run([&] {
      std::map<imap::Uid, std::string> out;
      const auto reader = mailbox_->reader();
      for (const auto& message : mailbox_->messages(uids))
        if (const auto header = reader->header(message.uid))
          out[message.uid] = mail::digest_of(imap::Literal(std::string(*header))).sha256;
      return out;
    });
  }

  asio::awaitable<std::map<imap::Uid, std::string>> names(imap::UidSet uids) override {
    co_return co_await workers_.run([&] {
      std::map<imap::Uid, std::string> out;
      const auto reader = mailbox_->reader();
      for (const auto& message : mailbox_->messages(uids))
        if (const auto header = reader->header(message.uid))
          out[message.uid] = message_name(*header, message.internal_date);
      return out;
    });
  }

  asio::awaitable<base::Result<std::vector<imap::Uid>>> append(std::vector<FetchedMessage>& messages,
                                                               store::AtCommit at_commit) override {
    co_return co_await workers_.run([&] {
      std::vector<store::NewMessage> added;
      added.reserve(messages.size());
      for (const auto& message : messages) added.push_back({message.data, message.flags, message.internal_date});
      return mailbox_->append(added, at_commit, by_);
    });
  }

  asio::awaitable<base::Result<void>> change_flags(imap::UidSet uids, imap::FlagChange change,
                                                   imap::FlagSet flags) override {
    co_return co_await workers_.run([&]() -> base::Result<void> {
      const auto done = mailbox_->change_flags(uids, change, flags, {}, {}, by_);
      if (!done) return std::unexpected(done.error());
      return {};
    });
  }

  asio::awaitable<base::Result<void>> expunge(imap::UidSet uids) override {
    co_return co_await workers_.run([&]() -> base::Result<void> {
      const auto done = mailbox_->remove(uids, {}, by_);
      if (!done) return std::unexpected(done.error());
      return {};
    });
  }

  asio::awaitable<void> remark(std::vector<Remark> remarks) override {
    co_await workers_.run([&] {
      for (const auto& one : remarks) mailbox_->remark(one.here, one.there, by_, one.text);
    });
  }

  asio::awaitable<Present> present(imap::UidSet uids) override {
    co_return co_await workers_.run([&] {
      Present out;
      for (const auto& message : mailbox_->messages(uids)) {
        out.there.add(message.uid);
        if (message.complete) out.whole.add(message.uid);
      }
      return out;
    });
  }

  bool can_move() const override { return true; }

  asio::awaitable<CopyOutcome> copy_to(imap::UidSet uids, MailboxPath to, Manner manner,
                                       store::AtCommit at_commit) override {
    co_return co_await workers_.run([&] {
      const auto into = other_(to);
      if (!into) return CopyOutcome{.refusal = into.error()};
      return outcome_of(manner == Manner::Move ? mailbox_->move_to(uids, **into, at_commit, by_)
                                               : mailbox_->copy_to(uids, **into, at_commit, by_));
    });
  }

  bool commits_state() const override { return true; }
  std::size_t append_limit() const override { return kAppendLimit; }

 private:
  std::shared_ptr<store::Mailbox> mailbox_;
  transport::WorkerPool& workers_;
  std::string by_;
  OtherMailbox other_;
};

}  // namespace

std::unique_ptr<ReplicaMailbox> make_store_mailbox(std::shared_ptr<store::Mailbox> mailbox,
                                                   transport::WorkerPool& workers, std::string by, OtherMailbox other) {
  return std::make_unique<StoreMailbox>(std::move(mailbox), workers, std::move(by), std::move(other));
}

}  // namespace mirror
