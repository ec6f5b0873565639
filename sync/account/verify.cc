// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "sync/account/verify.h"

#include <map>
#include <unordered_map>

#include "proto/mail/digest.h"

namespace mirror {

namespace {

struct Checked {
  imap::FlagSet flags;
  std::int64_t internal_date = 0;
  mail::Digest digest;
};
using CheckedMessages = std::map<imap::Uid, Checked>;

struct ReadMailbox {
  CheckedMessages messages;
  imap::UidSet unread;  // listed, and not given
  std::string doubt;
};

asio::awaitable<ReadMailbox> read_all(ReplicaMailbox& mailbox, transport::WorkerPool& workers) {
  ReadMailbox out;
  const auto listed = co_await mailbox.changes({}, {});
  out.doubt = listed.doubt;
  auto& all = out.unread;
  for (const auto& seen : listed.present) all.add(seen.uid);
  if (all.empty()) co_return out;
  const auto stream = co_await mailbox.fetch(all);
  for (;;) {
    const auto message = co_await stream->next();
    if (!message) break;
    const auto digest = co_await workers.run([&] { return mail::digest_of(message->data); });
    out.messages[message->uid] = {message->flags, message->internal_date, digest};
    out.unread.remove(message->uid);
  }
  co_return out;
}

void compare(VerifyResult& out, const MailboxRecord& record, const PairTable& pairs, const ReadMailbox& here,
             const ReadMailbox& there) {
  const auto &local = here.messages, &remote = there.messages;
  const auto say = [&](const std::string& text) { out.differences.push_back(record.path.shown() + ": " + text); };
  for (const auto* side : {&here, &there}) {
    if (!side->doubt.empty()) say(side->doubt);
    side->unread.for_each([&](imap::Uid uid) {
      say((side == &here ? "local UID " : "remote UID ") + std::to_string(uid.value) + " cannot be read");
    });
  }
  for (const auto& [uid, message] : remote)
    if (!pairs.find(Side::Remote, uid)) say("remote UID " + std::to_string(uid.value) + " is not here");
  for (const auto& [uid, message] : local) {
    const auto* pair = pairs.find(Side::Local, uid);
    const auto name = "local UID " + std::to_string(uid.value);
    if (pair == nullptr) {
      say(name + " is not on the remote side");
      continue;
    }
    const auto twin = remote.find(pair->remote);
    const auto both = name + " and remote UID " + std::to_string(pair->remote.value);
    if (twin == remote.end()) {
      if (!there.unread.contains(pair->remote))
        say(name + ": its twin, remote UID " + std::to_string(pair->remote.value) + ", is gone");
      continue;
    }
    if (!(message.digest == twin->second.digest)) say(both + " differ in their text");
    if (!(message.flags == twin->second.flags)) say(both + " differ in their flags");
    if (message.internal_date != twin->second.internal_date) say(both + " differ in their internal date");
  }
  pairs.for_each([&](const Pair& pair) {
    if (!local.contains(pair.local) && !here.unread.contains(pair.local) && remote.contains(pair.remote))
      say("remote UID " + std::to_string(pair.remote.value) + ": its twin, local UID " +
          std::to_string(pair.local.value) + ", is gone");
  });
  out.messages += local.size();
}

// A mailbox as the listings have it.
struct Listed {
  bool here = false, there = false, subscribed = false;
};

std::map<MailboxPath, Listed> join(const std::vector<ReplicaEntry>& here, const std::vector<ReplicaEntry>& there) {
  std::map<MailboxPath, Listed> out;
  for (const auto* side : {&here, &there})
    for (const auto& entry : *side) {
      auto& listed = out[entry.path];
      listed.subscribed = listed.subscribed || entry.subscribed;
      if (entry.exists) (side == &here ? listed.here : listed.there) = true;
    }
  return out;
}

// Of a mailbox that both sides have and that was synchronised.
asio::awaitable<void> compare_mailbox(VerifyResult& out, Account& account, const MailboxRecord& record,
                                      std::pair<Replica*, Replica*> sides) {
  const auto say = [&](const std::string& what) { out.differences.push_back(record.path.shown() + ": " + what); };
  const auto here = co_await sides.first->open(record.path, Effort::Little);
  const auto there = co_await sides.second->open(record.path, Effort::Bulk);
  if (!here || !there) {
    say((here ? there.error() : here.error()).text);
    co_return;
  }
  try {
    const auto pairs = co_await account.workers().run([&] { return account.journal().pairs(record.number); });
    const auto left = co_await read_all(**here, account.workers());
    const auto right = co_await read_all(**there, account.workers());
    compare(out, record, pairs, left, right);
    ++out.mailboxes;
  } catch (const MailboxFailure& failure) {
    say(failure.what());
  }
}

}  // namespace

// Which mailboxes are compared is what a pass would synchronise, and what it has synchronised, wherever that went.
asio::awaitable<VerifyResult> verify(Account& account) {
  if (auto ours = account.claim_state(); !ours) throw Failure(ours.error().reason, ours.error().text);
  VerifyResult out;
  const auto local = account.make_local(nullptr);
  const auto remote = account.make_remote(nullptr);
  const auto here_listed = co_await local->list();
  const auto there_listed = co_await remote->list();
  for (const auto* side : {local.get(), remote.get()})
    for (const auto& one : side->left_out())
      if (one.path.empty() || account.matches(one.path))
        out.differences.push_back((one.path.empty() ? "" : one.path.shown() + ": ") + one.why);
  std::map<MailboxPath, MailboxRecord> records;
  for (auto& record : co_await account.workers().run([&] { return account.journal().mailboxes(); }))
    records.emplace(record.path, record);
  auto mailboxes = join(here_listed, there_listed);
  for (const auto& [path, record] : records) mailboxes.try_emplace(path);
  for (const auto& [path, listed] : mailboxes) {
    if (!account.matches(path)) continue;
    if (account.config().only_subscribed && !listed.subscribed) continue;
    const auto say = [&](const std::string& what) { out.differences.push_back(path.shown() + ": " + what); };
    const auto at = records.find(path);
    if (!listed.here || !listed.there) {
      if (listed.here || listed.there || at != records.end())
        say(listed.here ? "is not on " + remote->description()
                        : (listed.there ? "is not here" : "is on neither side any more"));
      continue;
    }
    if (at == records.end()) {
      const auto here = co_await local->open(path, Effort::Little);
      const auto there = co_await remote->open(path, Effort::Little);
      say(here && there ? "was never synchronised" : (here ? there.error() : here.error()).text);
      continue;
    }
    co_await compare_mailbox(out, account, at->second, {local.get(), remote.get()});
  }
  co_await remote->finish();
  co_return out;
}

}  // namespace mirror
