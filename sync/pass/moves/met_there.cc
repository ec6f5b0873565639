// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "sync/pass/moves/met_there.h"

#include <algorithm>

namespace mirror {

namespace {

// What comes without any connection with what was copied is asked for in vain: about 200 octets each.
constexpr std::uint64_t kComePerCopy = 50;
constexpr std::uint64_t kComeAnyway = 500;

}  // namespace

asio::awaitable<std::vector<Identity>> MetThere::come_to(const Candidate& into, std::uint64_t wanted) {
  const auto& known = into.record->remote;
  const auto& now = into.remote->state;
  if (!known.uid_next || !now || !(known.uid_next < now->uid_next)) co_return std::vector<Identity>();
  if (now->uid_next.value - known.uid_next.value > wanted * kComePerCopy + kComeAnyway)
    co_return std::vector<Identity>();
  const auto opened = co_await list_.remote.open(into.path, Effort::Little);
  if (!opened) co_return std::vector<Identity>();
  const auto validity = co_await (*opened)->enter();
  if (!(validity == known.uid_validity)) co_return std::vector<Identity>();
  const auto uids = co_await (*opened)->uids_from(known.uid_next);
  if (!uids || uids->empty()) co_return std::vector<Identity>();
  auto out = co_await (*opened)->identities(*uids);
  co_await context_.workers.run([&] {
    const auto pairs = context_.journal.pairs(into.record->number);
    std::erase_if(out, [&](const Identity& one) { return pairs.find(Side::Remote, one.uid) != nullptr; });
  });
  co_return out;
}

asio::awaitable<std::vector<Pair>> MetThere::take(const Candidate& into, std::vector<CopyThere>& wanted) {
  if (!come_.contains(into.path)) {
    auto come = co_await come_to(into, wanted.size());
    come_.emplace(into.path, std::move(come));
  }
  std::vector<Pair> out;
  auto& come = come_.at(into.path);
  if (come.empty()) co_return out;
  imap::UidSet copies;
  for (const auto& one : wanted) copies.add(one.copy.uid);
  const auto local = co_await list_.local.open(into.path, Effort::Little);
  if (!local) co_return out;
  const auto here = co_await (*local)->identities(copies);
  const auto met = made_by_others(wanted, here, come);
  if (met.empty()) co_return out;
  store::StateBatch batch;
  for (const auto& one : wanted) {
    const auto at = met.find(one.copy.uid);
    if (at == met.end()) continue;
    out.push_back({one.copy.uid, at->second, one.original.flags, one.original.mark});
    context_.journal.put_pair(batch, into.record->number, out.back());
  }
  co_await context_.workers.run([&] { context_.journal.commit(batch, true); });
  std::erase_if(wanted, [&](const CopyThere& one) { return met.contains(one.copy.uid); });
  std::erase_if(come, [&](const Identity& one) {
    return std::ranges::any_of(met, [&](const auto& pair) { return pair.second == one.uid; });
  });
  context_.progress.counts.paired += met.size();
  context_.progress.tick();
  co_return out;
}

}  // namespace mirror
