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

asio::awaitable<CheckedMessages> read_all(ReplicaMailbox& mailbox, transport::WorkerPool& workers) {
  CheckedMessages out;
  const auto listed = co_await mailbox.changes({}, {});
  imap::UidSet all;
  for (const auto& seen : listed.present) all.add(seen.uid);
  if (all.empty()) co_return out;
  const auto stream = co_await mailbox.fetch(all);
  for (;;) {
    const auto message = co_await stream->next();
    if (!message) break;
    const auto digest = co_await workers.run([&] { return mail::digest_of(message->data); });
    out[message->uid] = {message->flags, message->internal_date, digest};
  }
  co_return out;
}

void compare(VerifyResult& out, const MailboxRecord& record, const PairTable& pairs, const CheckedMessages& local,
             const CheckedMessages& remote) {
  const auto say = [&](const std::string& text) { out.differences.push_back(record.path.shown() + ": " + text); };
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
      say(name + ": its twin, remote UID " + std::to_string(pair->remote.value) + ", is gone");
      continue;
    }
    if (!(message.digest == twin->second.digest)) say(both + " differ in their text");
    if (!(message.flags == twin->second.flags)) say(both + " differ in their flags");
    if (message.internal_date != twin->second.internal_date) say(both + " differ in their internal date");
  }
  pairs.for_each([&](const Pair& pair) {
    if (!local.contains(pair.local) && remote.contains(pair.remote))
      say("remote UID " + std::to_string(pair.remote.value) + ": its twin, local UID " +
          std::to_string(pair.local.value) + ", is gone");
  });
  out.messages += local.size();
}

}  // namespace

asio::awaitable<VerifyResult> verify(Account& account) {
  VerifyResult out;
  const auto local = account.make_local(nullptr);
  const auto remote = account.make_remote(nullptr);
  co_await local->list();
  const auto entries = co_await remote->list();
  std::map<MailboxPath, MailboxRecord> records;
  for (auto& record : co_await account.workers().run([&] { return account.journal().mailboxes(); }))
    records.emplace(record.path, record);
  for (const auto& entry : entries) {
    if (!entry.exists || !account.filter().matches(entry.path)) continue;
    const auto at = records.find(entry.path);
    if (at == records.end()) {
      out.differences.push_back(entry.path.shown() + ": was never synchronised");
      continue;
    }
    const auto here = co_await local->open(entry.path, Effort::Little);
    const auto there = co_await remote->open(entry.path, Effort::Bulk);
    if (!here || !there) {
      out.differences.push_back(entry.path.shown() + ": " + (here ? there.error() : here.error()).text);
      continue;
    }
    ++out.mailboxes;
    const auto pairs = co_await account.workers().run([&] { return account.journal().pairs(at->second.number); });
    const auto left = co_await read_all(**here, account.workers());
    const auto right = co_await read_all(**there, account.workers());
    compare(out, at->second, pairs, left, right);
  }
  co_await remote->finish();
  co_return out;
}

}  // namespace mirror
