// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// How it goes: a name above others comes first, and what is below it goes along with it on the other side; those of it
// that were renamed in the same way need nothing more. The state comes last: cut off before, the next pass finds the
// mailbox of the new name missing nowhere, and the old one on neither side, and pairs the messages anew.
#include "sync/pass/carry_renames.h"

#include <algorithm>

#include "sync/message_mark.h"

namespace mirror {

namespace {

constexpr std::size_t kSample = 30;

// Spread over the mailbox, of those that have a mark.
std::vector<Pair> sample_of(const PairTable& pairs) {
  std::vector<Pair> all;
  pairs.for_each([&](const Pair& pair) {
    if (pair.mark != 0) all.push_back(pair);
  });
  std::ranges::sort(all, {}, &Pair::remote);
  if (all.size() <= kSample) return all;
  std::vector<Pair> out;
  for (std::size_t i = 0; i < kSample; ++i) out.push_back(all[i * all.size() / kSample]);
  return out;
}

MailboxPath moved(const MailboxPath& path, const MailboxPath& from, const MailboxPath& to) {
  return MailboxPath(to.text() + path.text().substr(from.text().size()));
}

}  // namespace

asio::awaitable<bool> is_the_same_mailbox(PassContext& context, Replica& side, Side which, MailboxRecord record,
                                          MailboxPath new_path) {
  const auto pairs = co_await context.workers.run([&] { return context.journal.pairs(record.number); });
  const auto sample = sample_of(pairs);
  if (sample.empty()) co_return true;
  const auto opened = co_await side.open(new_path, Effort::Little);
  if (!opened) co_return false;
  const auto& known = which == Side::Local ? record.local : record.remote;
  const auto now = co_await (*opened)->changes(known, pairs.uids(which));  // selects it
  if (!(now.state.uid_validity == known.uid_validity)) co_return false;
  imap::UidSet uids;
  for (const auto& pair : sample) uids.add(pair.uid(which));
  const auto there = co_await (*opened)->identities(uids);
  std::size_t same = 0;
  for (const auto& one : there) {
    const auto* pair = pairs.find(which, one.uid);
    if (pair == nullptr || pair->mark != mark_of(one.message_id)) co_return false;
    ++same;
  }
  co_return same * 2 >= sample.size();
}

asio::awaitable<Renamings> carry_renames(PassContext& context, Replica& side, Side which, Replica& other,
                                         Renamings found, std::map<MailboxPath, MailboxRecord>& records) {
  Renamings done;
  for (const auto& [from, to] : found) {
    const auto above = std::ranges::find_if(done, [&](const auto& one) { return from.is_below(one.first); });
    const bool went_along = above != done.end() && moved(from, above->first, above->second) == to;
    const auto at = records.find(from);
    if (from.is_inbox() || to.is_inbox() || at == records.end() || records.contains(to)) continue;
    const bool same = co_await is_the_same_mailbox(context, side, which, at->second, to);
    if (!same) continue;
    if (!went_along) {
      const auto renamed = co_await other.rename(from, to);
      if (!renamed) {
        context.progress.problems.push_back(from.shown() + ": was renamed to " + to.shown() + " on " +
                                            side.description() + ", and cannot be renamed on " + other.description() +
                                            ": " + renamed.error().text);
        continue;
      }
    }
    auto record = at->second;
    record.path = to;
    const auto forget = records.extract(from);
    records.emplace(to, record);
    co_await context.workers.run([&] {
      store::StateBatch batch;
      context.journal.put_mailbox(batch, record);
      context.journal.commit(batch, true);
    });
    if (record.subscribed) {  // not all servers take it along
      co_await other.set_subscribed(to, true);
      co_await other.set_subscribed(from, false);
    }
    context.log.info("renamed", {{"on", other.description()}, {"from", from.shown()}, {"to", to.shown()}});
    auto& counts = context.progress.counts;
    ++(which == Side::Local ? counts.renamed_remote : counts.renamed_local);
    done.emplace(from, to);
  }
  co_return done;
}

}  // namespace mirror
