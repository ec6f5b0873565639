// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "sync/local/noted_copies.h"

#include <set>

#include "proto/base/clock.h"
#include "store/copied_messages.h"

namespace mirror {

namespace {

// Notes that are still needed are made anew when they are so old, lest the store takes them for forgotten.
constexpr std::int64_t kOld = 7 * 24 * 3600;  // seconds

MessagePlace known(const store::CopyNote::Place& place, const MailboxIds& ids) {
  const auto at = ids.find(place.mailbox_id);
  return {at == ids.end() ? unlisted_mailbox(place.mailbox_id) : at->second, place.uid};
}

}  // namespace

std::vector<NotedCopy> noted_copies(store::MailStore& mail_store, const MailboxIds& ids) {
  std::vector<NotedCopy> out;
  mail_store.for_each_state(store::kCopied, [&](std::string_view key, std::string_view value) {
    if (const auto note = store::CopyNote::of(key, value))
      out.push_back({known(note->copy, ids), known(note->original, ids)});
    return true;
  });
  return out;
}

void forget_copies(store::MailStore& mail_store, const MailboxIds& ids, const std::vector<NotedCopy>& notes) {
  std::set<MessagePlace> done;
  for (const auto& note : notes) done.insert(note.copy);
  store::StateBatch batch;
  const auto now = base::unix_now();
  mail_store.for_each_state(store::kCopied, [&](std::string_view key, std::string_view value) {
    auto note = store::CopyNote::of(key, value);
    const auto at = note ? ids.find(note->copy.mailbox_id) : ids.end();
    if (at == ids.end()) return true;
    if (done.contains({at->second, note->copy.uid})) {
      batch.erase(std::string(key));
    } else if (now - note->when > kOld) {
      note->when = now;
      batch.put(note->key(), note->value());
    }
    return true;
  });
  if (!batch.writes.empty()) mail_store.put_state(batch, false);
}

CopyOutcome outcome_of(const base::Result<store::Copied>& copied) {
  CopyOutcome out;
  if (!copied) {
    out.refusal = copied.error();
    return out;
  }
  for (std::size_t i = 0; i < copied->from.size(); ++i) {
    out.done.add(copied->from[i]);
    out.copies.emplace(copied->from[i], copied->to[i]);
  }
  out.validity = copied->uid_validity;
  return out;
}

}  // namespace mirror
