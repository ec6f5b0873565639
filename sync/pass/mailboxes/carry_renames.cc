// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// How it goes: new names that are above others come first, so that none is made by the way; what is below a name goes
// along with it on the other side, and its records too: those of it that were renamed in the same way need nothing
// more, the others are renamed from where they are by then. The state comes last: cut off before, the next pass finds
// the mailbox of the new name missing nowhere, and the old one on neither side, and pairs the messages anew.
#include "sync/pass/mailboxes/carry_renames.h"

#include <algorithm>
#include <ranges>
#include <utility>

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

// Where the other side has it by now.
MailboxPath carried_along(const Renamings& done, const MailboxPath& path) {
  for (const auto& [from, to] : std::views::reverse(done))  // the nearest above it comes first
    if (path.is_below(from)) return moved(path, from, to);
  return path;
}

std::vector<std::pair<MailboxPath, MailboxPath>> in_order(const Renamings& found) {
  std::vector<std::pair<MailboxPath, MailboxPath>> out(found.begin(), found.end());
  std::ranges::sort(out, {},
                    [](const auto& one) { return std::pair(std::ranges::count(one.second.text(), '\0'), one.first); });
  return out;
}

// The records of a mailbox, and of those below it.
asio::awaitable<void> rename_records(PassContext& context, std::map<MailboxPath, MailboxRecord>& records,
                                     MailboxPath from, MailboxPath to) {
  std::vector<MailboxRecord> changed;
  for (const auto& [path, record] : records)
    if (path == from || path.is_below(from)) changed.push_back(record);
  for (const auto& record : changed) records.erase(record.path);
  for (auto& record : changed) {
    record.path = moved(record.path, from, to);
    records.insert_or_assign(record.path, record);
  }
  co_await context.workers.run([&] {
    store::StateBatch batch;
    for (const auto& record : changed) context.journal.put_mailbox(batch, record);
    context.journal.commit(batch, true);
  });
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
  for (const auto& [from, to] : in_order(found)) {
    const auto now = carried_along(done, from);
    const auto at = records.find(now);
    if (from.is_inbox() || to.is_inbox() || at == records.end() || (now != to && records.contains(to))) continue;
    const auto record = at->second;
    const bool same = co_await is_the_same_mailbox(context, side, which, record, to);
    if (!same) continue;
    if (now != to) {
      const auto renamed = co_await other.rename(now, to);
      if (!renamed) {
        context.progress.problems.push_back(now.shown() + ": was renamed to " + to.shown() + " on " +
                                            side.description() + ", and cannot be renamed on " + other.description() +
                                            ": " + renamed.error().text);
        continue;
      }
      co_await rename_records(context, records, now, to);
    }
    if (record.subscribed) {  // not all servers take it along
      co_await other.set_subscribed(to, true);
      co_await other.set_subscribed(now, false);
      if (now != from) co_await other.set_subscribed(from, false);
    }
    context.log.info("renamed", {{"on", other.description()}, {"from", from.shown()}, {"to", to.shown()}});
    auto& counts = context.progress.counts;
    ++(which == Side::Local ? counts.renamed_remote : counts.renamed_local);
    done.emplace(from, to);
  }
  co_return done;
}

}  // namespace mirror
