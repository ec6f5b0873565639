// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Sizes tell little: synchronisers add lines, servers count roughly.
#include "sync/pass/pairing/same_messages.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <string>

#include "proto/mail/digest.h"
#include "sync/message_mark.h"

namespace mirror {

namespace {

// Messages that may be the same: equal Message-ID.
struct Alike {
  std::vector<const Identity*> here, there;
  // One on each side, and both tell one Message-ID.
  bool are_two() const {
    return here.size() == 1 && there.size() == 1 && !here.front()->message_id.empty() &&
           here.front()->message_id == there.front()->message_id;
  }
  // So many things agree that the text need not be compared.
  bool clear() const { return are_two() && here.front()->internal_date == there.front()->internal_date; }
};
using Likenesses = std::map<std::string, Alike>;

// A server may tell no Message-ID of a message that has one (dbmail answers HEADER.FIELDS with nothing): it may be any
// that has no twin and the same date. Texts tell.
void add_unnamed(Likenesses& all) {
  const auto nameless = all.find("");
  if (nameless == all.end()) return;
  std::set<std::int64_t> dates_here, dates_there;
  for (const auto* one : nameless->second.here) dates_here.insert(one->internal_date);
  for (const auto* one : nameless->second.there) dates_there.insert(one->internal_date);
  for (const auto& [id, alike] : all) {
    if (id.empty()) continue;
    for (const auto* one : alike.here)
      if (alike.there.empty() && dates_there.contains(one->internal_date)) nameless->second.here.push_back(one);
    for (const auto* one : alike.there)
      if (alike.here.empty() && dates_here.contains(one->internal_date)) nameless->second.there.push_back(one);
  }
}

Likenesses likenesses(const std::vector<Identity>& here, const std::vector<Identity>& there) {
  Likenesses out;
  for (const auto& one : here) out[one.message_id].here.push_back(&one);
  for (const auto& one : there) out[one.message_id].there.push_back(&one);
  add_unnamed(out);
  std::erase_if(out, [](const auto& entry) { return entry.second.here.empty() || entry.second.there.empty(); });
  return out;
}

void keep_near(std::vector<const Identity*>& those, const std::vector<const Identity*>& others) {
  std::erase_if(those, [&](const Identity* one) {
    return std::ranges::none_of(others, [&](const Identity* other) { return is_near(*one, *other); });
  });
}

void add_pair(FoundPairs& out, const Identity& here, const Identity& there) {
  out.add({here.uid, there.uid, in_both(here.flags, there.flags), mark_of(there.message_id)}, here, there);
}

using Texts = TextDigests;

FoundPairs same_texts(const Alike& alike, const Texts& here, const Texts& there) {
  std::multimap<std::string, const Identity*> waiting;
  for (const auto* one : alike.here)
    if (const auto text = here.find(one->uid); text != here.end()) waiting.emplace(text->second, one);
  FoundPairs out;
  for (const auto* one : alike.there) {
    const auto text = there.find(one->uid);
    const auto at = text == there.end() ? waiting.end() : waiting.lower_bound(text->second);
    if (at == waiting.end() || at->first != text->second) continue;
    add_pair(out, *at->second, *one);
    waiting.erase(at);
  }
  return out;
}

// Sent there (or here) before, and not shown, or changed by the other side: what has arrived with its Message-ID and
// about its size is it.
bool is_what_was_in_doubt(const MailboxPair& mailbox, const Alike& alike) {
  if (!alike.are_two()) return false;
  const auto in_doubt = [&](Side side, imap::Uid uid) {
    const auto at = mailbox.held.find({side, uid});
    return at != mailbox.held.end() && at->second.kind == Held::Kind::Lost;
  };
  const auto &here = *alike.here.front(), &there = *alike.there.front();
  return (in_doubt(Side::Local, here.uid) || in_doubt(Side::Remote, there.uid)) && is_near(here, there);
}

}  // namespace

asio::awaitable<TextDigests> digests_of(PassContext& context, ReplicaMailbox& mailbox, imap::UidSet uids) {
  TextDigests out;
  if (uids.empty()) co_return out;
  const auto stream = co_await mailbox.fetch(uids);
  for (;;) {
    const auto message = co_await stream->next();
    if (!message) break;
    out[message->uid] = co_await context.workers.run([&] { return mail::content_digest_of(message->data); });
  }
  co_return out;
}

bool is_near(const Identity& one, const Identity& two) {
  const auto [less, more] = std::minmax(one.size, two.size);
  return one.internal_date == two.internal_date || more - less <= 256 + more / 16;
}

imap::FlagSet in_both(const imap::FlagSet& here, const imap::FlagSet& there) {
  auto both = here, only_here = here;
  only_here.remove(there);
  both.remove(only_here);
  return both;
}

void FoundPairs::add(Pair pair, const Identity& here, const Identity& there) {
  if (here.internal_date != there.internal_date) dates[pair.remote] = {{}, here.internal_date, there.internal_date};
  pairs.push_back(std::move(pair));
}

void FoundPairs::add(FoundPairs more) {
  std::ranges::move(more.pairs, std::back_inserter(pairs));
  dates.merge(more.dates);
}

void FoundPairs::put_dates(const Journal& journal, store::StateBatch& batch, const MailboxRecord& record) const {
  for (const auto& [remote, one] : dates)
    journal.put_known_dates(batch, record.number, remote, {record.remote.uid_validity, one.here, one.there});
}

asio::awaitable<FoundPairs> same_messages(PassContext& context, MailboxPair& mailbox, imap::UidSet only_here,
                                          imap::UidSet only_there, Reading reading) {
  if (only_here.empty() || only_there.empty()) co_return FoundPairs();
  const auto here = co_await mailbox.local->identities(std::move(only_here));
  const auto there = co_await mailbox.remote->identities(std::move(only_there));
  auto alike = likenesses(here, there);
  if (const auto nameless = alike.find(""); nameless != alike.end() && reading == Reading::Near) {
    keep_near(nameless->second.here, nameless->second.there);
    keep_near(nameless->second.there, nameless->second.here);
  }
  FoundPairs out;
  imap::UidSet unclear_here, unclear_there;
  for (const auto& [key, one] : alike) {
    if (one.clear()) {
      add_pair(out, *one.here.front(), *one.there.front());
      continue;
    }
    for (const auto* identity : one.here) unclear_here.add(identity->uid);
    for (const auto* identity : one.there) unclear_there.add(identity->uid);
  }
  const auto texts_here = co_await digests_of(context, *mailbox.local, unclear_here);
  const auto texts_there = co_await digests_of(context, *mailbox.remote, unclear_there);
  for (const auto& [key, one] : alike) {
    if (one.clear()) continue;
    auto pairs = same_texts(one, texts_here, texts_there);
    if (pairs.empty() && is_what_was_in_doubt(mailbox, one)) add_pair(pairs, *one.here.front(), *one.there.front());
    out.add(std::move(pairs));
  }
  co_return out;
}

}  // namespace mirror
