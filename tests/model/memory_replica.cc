// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/model/memory_replica.h"

#include <algorithm>
#include <deque>

#include "proto/mail/digest.h"
#include "proto/mail/message_id.h"
#include "sync/message_name.h"

namespace tests {

// OpenSSL sets itself up in the thread that asks it first, and forgets what that thread had: not one of the workers'.
[[maybe_unused]] const auto openssl_is_up = mail::digest_of(imap::Literal(std::string()));

namespace {

class MemoryStream final : public mirror::MessageStream {
 public:
  MemoryStream(MemoryServer& server, std::string mailbox, const imap::UidSet& uids)
      : server_(server), mailbox_(std::move(mailbox)) {
    for (const auto& letter : server.letters(mailbox_))
      if (uids.contains(letter.uid)) waiting_.push_back(letter.uid);
    if (server.traits().backwards) std::ranges::reverse(waiting_);
  }

  asio::awaitable<std::optional<mirror::FetchedMessage>> next() override {
    if (server_.meanwhile) server_.meanwhile();
    co_return server_.fuse.guard([&] { return take(); });
  }

 private:
  std::optional<mirror::FetchedMessage> take() {
    auto* mailbox = server_.find(mailbox_);
    while (!waiting_.empty()) {
      const auto at = mailbox->letters.find(waiting_.front());
      waiting_.pop_front();
      if (at == mailbox->letters.end()) continue;
      const auto& letter = at->second.first;
      return mirror::FetchedMessage{letter.uid, letter.flags, letter.date, imap::Literal(letter.text)};
    }
    return std::nullopt;
  }

  MemoryServer& server_;
  std::string mailbox_;
  std::deque<imap::Uid> waiting_;
};

class MemoryReplicaMailbox final : public mirror::ReplicaMailbox {
 public:
  MemoryReplicaMailbox(MemoryServer& server, std::string mailbox) : server_(server), mailbox_(std::move(mailbox)) {}

  asio::awaitable<mirror::SideChanges> changes(mirror::SideState since, imap::UidSet) override {
    co_return step([&] { return look(since); });
  }

  asio::awaitable<std::unique_ptr<mirror::MessageStream>> fetch(imap::UidSet uids) override {
    co_return step([&] { return std::make_unique<MemoryStream>(server_, mailbox_, uids); });
  }

  asio::awaitable<std::vector<mirror::Identity>> identities(imap::UidSet uids) override {
    co_return step([&] {
      std::vector<mirror::Identity> out;
      for (const auto& letter : server_.letters(mailbox_))
        if (uids.contains(letter.uid))
          out.push_back(
              {letter.uid, letter.flags, letter.text.size(), letter.date, mail::message_id_of(header(letter.text))});
      return out;
    });
  }

  asio::awaitable<std::map<imap::Uid, std::string>> names(imap::UidSet uids) override {
    co_return step([&] {
      std::map<imap::Uid, std::string> out;
      for (const auto& letter : server_.letters(mailbox_))
        if (uids.contains(letter.uid)) out[letter.uid] = mirror::message_name(header(letter.text), letter.date);
      return out;
    });
  }

  asio::awaitable<base::Result<std::vector<imap::Uid>>> append(std::vector<mirror::FetchedMessage>& messages,
                                                               store::AtCommit at_commit) override {
    if (refuses()) co_return base::refuse(base::Reason::TooBig, "the model refuses it");
    co_return step([&] { return base::Result<std::vector<imap::Uid>>(add(messages, at_commit)); });
  }

  asio::awaitable<base::Result<void>> change_flags(imap::UidSet uids, imap::FlagChange change,
                                                   imap::FlagSet flags) override {
    if (refuses()) co_return base::refuse(base::Reason::ReadOnly, "the model refuses it");
    step([&] { uids.for_each([&](imap::Uid uid) { server_.change_flags(mailbox_, uid, change, flags); }); });
    co_return base::Result<void>();
  }

  asio::awaitable<base::Result<void>> expunge(imap::UidSet uids) override {
    if (refuses()) co_return base::refuse(base::Reason::ReadOnly, "the model refuses it");
    step([&] { uids.for_each([&](imap::Uid uid) { server_.expunge(mailbox_, uid); }); });
    co_return base::Result<void>();
  }
  asio::awaitable<Present> present(imap::UidSet uids) override { co_return Present{uids, uids}; }
  bool commits_state() const override { return server_.traits().commits_state; }
  std::size_t append_limit() const override { return server_.traits().append_limit; }
  bool shows_at_once() const override { return server_.traits().shows_after == 0; }

 private:
  template <class Step>
  std::invoke_result_t<Step&> step(Step made) {
    if (server_.meanwhile) server_.meanwhile();
    return server_.fuse.guard(made);
  }
  bool refuses() const { return server_.traits().read_only || (server_.refuses && server_.refuses()); }
  static std::string header(const std::string& text) { return text.substr(0, text.find("\r\n\r\n") + 4); }

  mirror::SideChanges look(const mirror::SideState& since) {
    server_.look(mailbox_);
    auto& mailbox = *server_.find(mailbox_);
    mirror::SideChanges out;
    out.state = server_.state_of(mailbox);
    out.read_only = server_.traits().read_only;
    out.keeps_any_keyword = server_.traits().any_keyword;
    if (!out.keeps_any_keyword) out.keepable.add("known");
    if (since.uid_validity && !(since.uid_validity == mailbox.uid_validity)) return out;
    out.complete = !since.uid_validity || !since.modseq;
    for (const auto& [uid, entry] : mailbox.letters)
      if (out.complete || entry.second > since.modseq) out.present.push_back({uid, entry.first.flags});
    if (!out.complete)
      for (const auto& [modseq, uid] : mailbox.expunged)
        if (modseq > since.modseq) out.vanished.add(uid);
    return out;
  }

  std::vector<imap::Uid> add(const std::vector<mirror::FetchedMessage>& messages, const store::AtCommit& at_commit) {
    std::vector<imap::Uid> uids;
    for (const auto& message : messages) {
      uids.push_back(server_.find(mailbox_)->uid_next);
      const std::string added = server_.traits().rewrites ? "X-Seen-By: " + server_.name + "\r\n" : "";
      server_.take(mailbox_, {{}, added + message.data.bytes(), message.flags, message.internal_date});
    }
    if (server_.traits().commits_state && at_commit) {
      store::StateBatch batch;
      at_commit(uids, batch);
      server_.disk.write(batch, true);
    }
    if (!server_.traits().returns_uids) uids.clear();
    return uids;
  }

  MemoryServer& server_;
  std::string mailbox_;
};

class MemoryReplica final : public mirror::Replica {
 public:
  explicit MemoryReplica(MemoryServer& server) : server_(server) {}

  asio::awaitable<std::vector<mirror::ReplicaEntry>> list() override {
    co_return server_.fuse.guard([&] {
      std::vector<mirror::ReplicaEntry> out;
      for (const auto& name : server_.mailboxes()) {
        const auto& mailbox = *server_.find(name);
        out.push_back({mirror::MailboxPath(name), mailbox.subscribed, true, {}, server_.state_of(mailbox)});
      }
      return out;
    });
  }
  asio::awaitable<base::Result<std::unique_ptr<mirror::ReplicaMailbox>>> open(mirror::MailboxPath path,
                                                                              mirror::Effort) override {
    co_return server_.fuse.guard([&]() -> base::Result<std::unique_ptr<mirror::ReplicaMailbox>> {
      if (server_.find(path.text()) == nullptr) return base::refuse(base::Reason::NoSuchMailbox, "there is none");
      return std::make_unique<MemoryReplicaMailbox>(server_, path.text());
    });
  }
  asio::awaitable<base::Result<void>> create(mirror::MailboxPath path, std::vector<std::string>) override {
    if (server_.traits().read_only) co_return base::refuse(base::Reason::NotPermitted, "the model is read-only");
    server_.fuse.guard([&] { server_.create(path.text()); });
    co_return base::Result<void>();
  }
  asio::awaitable<base::Result<void>> set_subscribed(mirror::MailboxPath path, bool subscribed) override {
    if (server_.traits().read_only) co_return base::refuse(base::Reason::NotPermitted, "the model is read-only");
    server_.fuse.guard([&] { server_.set_subscribed(path.text(), subscribed); });
    co_return base::Result<void>();
  }
  asio::awaitable<base::Result<void>> remove(mirror::MailboxPath path) override {
    server_.fuse.guard([&] { server_.remove(path.text()); });
    co_return base::Result<void>();
  }
  asio::awaitable<base::Result<void>> rename(mirror::MailboxPath, mirror::MailboxPath) override {
    co_return base::refuse(base::Reason::Unsupported, "the model renames nothing");
  }
  std::size_t parallel() const override { return 2; }
  asio::awaitable<void> finish() override { co_return; }
  void close() override {}
  const std::string& description() const override { return server_.name; }

 private:
  MemoryServer& server_;
};

}  // namespace

MemoryServer::MemoryServer(std::string called, Traits traits, Fuse& f, Disk& d)
    : fuse(f), disk(d), name(std::move(called)), traits_(traits) {
  create("INBOX");
}

MemoryMailbox* MemoryServer::find(const std::string& mailbox) {
  const auto at = mailboxes_.find(mailbox);
  return at == mailboxes_.end() ? nullptr : &at->second;
}

imap::FlagSet MemoryServer::kept(const imap::FlagSet& flags) const {
  if (traits_.any_keyword) return flags;
  imap::FlagSet out;
  out.set_system_bits(flags.system_bits());
  if (flags.has("known")) out.add("known");
  return out;
}

mirror::SideState MemoryServer::state_of(const MemoryMailbox& mailbox) const {
  return {mailbox.uid_validity, mailbox.uid_next, traits_.modseq ? mailbox.modseq : imap::ModSeq(),
          static_cast<std::uint32_t>(mailbox.letters.size())};
}

std::vector<std::string> MemoryServer::mailboxes() {
  std::vector<std::string> out;
  for (const auto& [mailbox, content] : mailboxes_) out.push_back(mailbox);
  return out;
}

std::vector<Letter> MemoryServer::letters(const std::string& mailbox) {
  std::vector<Letter> out;
  if (const auto* found = find(mailbox))
    for (const auto& [uid, entry] : found->letters) out.push_back(entry.first);
  return out;
}

void MemoryServer::append(const std::string& mailbox, const Letter& letter) {
  auto& into = *find(mailbox);
  auto added = letter;
  added.uid = into.uid_next;
  added.flags = kept(letter.flags);
  into.uid_next = into.uid_next.next();
  into.modseq = into.modseq.next();
  into.letters.emplace(added.uid, std::pair(added, into.modseq));
}

void MemoryServer::take(const std::string& mailbox, const Letter& letter) {
  ++taken;
  if (traits_.shows_after == 0) return append(mailbox, letter);
  waiting_.push_back({mailbox, letter, traits_.shows_after});
}

void MemoryServer::look(const std::string& mailbox) {
  std::vector<Waiting> left;
  for (auto& one : std::exchange(waiting_, {})) {
    if (one.mailbox != mailbox || --one.looks > 0) {
      left.push_back(std::move(one));
      continue;
    }
    for (int i = 0; i < traits_.shows_times; ++i) append(mailbox, one.letter);
  }
  waiting_ = std::move(left);
}

void MemoryServer::change_flags(const std::string& mailbox, imap::Uid uid, imap::FlagChange change,
                                const imap::FlagSet& flags) {
  auto& in = *find(mailbox);
  const auto at = in.letters.find(uid);
  if (at == in.letters.end()) return;
  auto& [letter, modseq] = at->second;
  auto then = letter.flags;
  if (change == imap::FlagChange::Remove)
    then.remove(flags);
  else if (change == imap::FlagChange::Add)
    then.add(flags);
  else
    then = flags;
  then = kept(then);
  if (then == letter.flags) return;
  letter.flags = then;
  in.modseq = modseq = in.modseq.next();
}

void MemoryServer::expunge(const std::string& mailbox, imap::Uid uid) {
  auto& in = *find(mailbox);
  if (in.letters.erase(uid) == 0) return;
  in.modseq = in.modseq.next();
  in.expunged.emplace_back(in.modseq, uid);
}

void MemoryServer::create(const std::string& mailbox) {
  if (find(mailbox) == nullptr) mailboxes_[mailbox].uid_validity = imap::UidValidity(++last_validity_);
}

bool MemoryServer::is_subscribed(const std::string& mailbox) {
  const auto* found = find(mailbox);
  return found != nullptr && found->subscribed;
}

void MemoryServer::set_subscribed(const std::string& mailbox, bool subscribed) {
  if (auto* found = find(mailbox)) found->subscribed = subscribed;
}

std::string MemoryServer::fingerprint() {
  std::string out;
  for (const auto& [mailbox, content] : mailboxes_)
    out += mailbox + ' ' + std::to_string(content.uid_next.value) + ' ' + std::to_string(content.modseq.value) +
           (content.subscribed ? " subscribed\n" : "\n");
  return out;
}

std::unique_ptr<mirror::Replica> MemoryServer::connect() { return std::make_unique<MemoryReplica>(*this); }

}  // namespace tests
