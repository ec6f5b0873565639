// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "sync/pass/moves/moves_there.h"

#include <algorithm>

#include "sync/pass/moves/begun_copies.h"
#include "sync/pass/moves/carry_copies.h"
#include "sync/pass/moves/copies_there.h"

namespace mirror {

asio::awaitable<void> MovesThere::carry() {
  auto copies = co_await find_copies_there(list_);
  any_ = !copies.notes.empty();
  if (!any_) co_return;
  const bool settled = co_await settle_begun(list_, copies);
  if (settled) copies = co_await find_copies_there(list_);
  if (!copies.wanted.empty()) {
    co_await carry_copies(list_, std::move(copies.wanted));
    copies = co_await find_copies_there(list_);
  }
  list_.context.leaving = kept_originals(copies.notes, copies.facts);
  left_ = std::move(copies.wanted);
}

asio::awaitable<std::vector<Candidate*>> MovesThere::freed() {
  std::vector<Candidate*> out;
  if (!any_) co_return out;
  const auto copies = co_await find_copies_there(list_);
  is_all_that_is_left_ = mirror::is_all_that_is_left(copies.notes, copies.facts);
  auto now = kept_originals(copies.notes, copies.facts);
  for (auto& candidate : list_.candidates) {
    const auto before = list_.context.leaving.find(candidate.path);
    if (before == list_.context.leaving.end() || !is_there(candidate.local) || !is_there(candidate.remote)) continue;
    if (!before->second.minus(now[candidate.path]).empty()) out.push_back(&candidate);
  }
  list_.context.leaving = std::move(now);
  co_return out;
}

// What was noted meanwhile may lead over a note to its origin.
asio::awaitable<void> MovesThere::forget() {
  if (!any_) co_return;
  const auto copies = co_await find_copies_there(list_);
  const auto now = co_await list_.local.noted_copies();
  if (now == copies.notes) co_await list_.local.forget_copies(needless(copies.notes, copies.facts));
}

}  // namespace mirror
