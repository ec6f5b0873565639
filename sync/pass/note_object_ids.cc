// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "sync/pass/note_object_ids.h"

#include <algorithm>

namespace mirror {

namespace {

constexpr std::uint64_t kMost = 20'000;  // messages in a pass

imap::UidSet first_of(const imap::UidSet& uids, std::uint64_t most) {
  imap::UidSet out;
  for (const auto& range : uids.ranges()) {
    const auto room = most - out.size();
    if (room == 0) break;
    const auto last = std::min<std::uint64_t>(range.last, range.first + room - 1);
    out.add(imap::Uid(range.first), imap::Uid(static_cast<std::uint32_t>(last)));
  }
  return out;
}

}  // namespace

asio::awaitable<void> note_object_ids(PassContext& context, MailboxPair& mailbox) {
  const auto validity = mailbox.record.remote.uid_validity;
  if (context.is_trial || !validity || !mailbox.remote->has_object_ids() || !mailbox.local->commits_state()) co_return;
  const auto number = mailbox.record.number;
  auto unknown = mailbox.pairs.uids(Side::Remote);
  co_await context.workers.run([&] {
    imap::UidSet known;
    for (const auto& [uid, id] : context.journal.object_ids(number, validity)) known.add(uid);
    unknown = first_of(unknown.minus(known), kMost);
  });
  if (unknown.empty()) co_return;
  const auto ids = co_await mailbox.remote->object_ids(unknown);
  store::StateBatch batch;
  unknown.for_each([&](imap::Uid uid) {
    const auto at = ids.find(uid);
    context.journal.put_object_id(batch, number, validity, uid, at == ids.end() ? std::string() : at->second);
  });
  co_await context.workers.run([&] { context.journal.commit(batch, false); });
}

}  // namespace mirror
