// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "sync/pass/pairing/strangers.h"

#include <algorithm>
#include <string>

namespace mirror {

namespace {

constexpr std::uint64_t kFull = 20;     // messages of which some would be the same
constexpr std::uint64_t kStrange = 20;  // fewer than one in so many

// What a person calls the newest of them; empty: the side does not tell.
asio::awaitable<std::string> newest(ReplicaMailbox& mailbox, const imap::UidSet& uids) {
  const auto uid = uids.max();
  imap::UidSet one;
  one.add(uid);
  auto names = co_await mailbox.names(std::move(one));
  co_return names[uid];
}

bool is_full(const ReplicaEntry* entry) { return is_there(entry) && entry->state && entry->state->messages >= kFull; }

// Whether both sides still have what was agreed about.
bool is_known(const Candidate& one) {
  if (one.record == nullptr || !is_there(one.local) || !is_there(one.remote)) return false;
  const auto stands = [&](Side side) {
    const auto& known = one.record->on(side);
    return known.uid_validity && one.on(side)->state && one.on(side)->state->uid_validity == known.uid_validity;
  };
  return stands(Side::Local) && stands(Side::Remote) && one.local->state->messages > 0;
}

std::uint64_t common(const Candidate& one) { return std::min(one.local->state->messages, one.remote->state->messages); }

}  // namespace

asio::awaitable<void> refuse_strangers(PassContext& context, MailboxPair& mailbox, const MailboxLook& look,
                                       std::uint64_t paired) {
  const auto here = look.unpaired(Side::Local), there = look.unpaired(Side::Remote);
  const auto smaller = std::min(here.size(), there.size()) + paired;
  if (context.merges_strangers || here.empty() || there.empty() || smaller < kFull || paired * kStrange >= smaller)
    co_return;
  const auto name_here = co_await newest(*mailbox.local, here), name_there = co_await newest(*mailbox.remote, there);
  const auto look_at = name_here.empty() || name_there.empty()
                           ? std::string()
                           : " (the newest here: " + name_here + "; there: " + name_there + ")";
  throw StrangersFailure(base::Reason::Failed, "of " + std::to_string(smaller) +
                                                   " messages that could be on both sides " + std::to_string(paired) +
                                                   " are: this looks like another account's mail, or another mailbox" +
                                                   look_at +
                                                   ". Nothing was copied; where both are to be merged, write "
                                                   "`merge-different = YES` at the top of the configuration");
}

Candidate* find_witness(std::vector<Candidate>& candidates) {
  if (std::ranges::any_of(candidates, is_known)) return nullptr;
  Candidate* out = nullptr;
  for (auto& one : candidates) {
    if (!is_full(one.local) || !is_full(one.remote)) continue;
    if (one.path.is_inbox()) return &one;
    if (out == nullptr || common(*out) < common(one)) out = &one;
  }
  return out;
}

}  // namespace mirror
