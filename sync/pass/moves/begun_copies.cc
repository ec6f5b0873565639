// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "sync/pass/moves/begun_copies.h"

#include <algorithm>

#include "sync/pass/apply/apply.h"
#include "sync/pass/context/moved_mark.h"

namespace mirror {

namespace {

asio::awaitable<bool> settle_in(MailboxList& list, Candidate& candidate) {
  auto& context = list.context;
  auto& record = *candidate.record;
  const auto begun = co_await context.workers.run([&] { return context.journal.intents(record.number); });
  const auto is_copy = [](const Intent& one) { return one.to == Side::Remote && is_of_a_copy(one.digest); };
  if (std::ranges::none_of(begun, is_copy)) co_return false;
  const auto remote = co_await list.remote.open(candidate.path, Effort::Little);
  const auto local = co_await list.local.open(candidate.path, Effort::Little);
  if (!remote || !local) co_return false;
  const auto validity = co_await (*remote)->enter();
  if (!(validity == record.remote.uid_validity)) co_return false;
  MailboxPair mailbox{record, {}, {}, local->get(), remote->get()};
  co_await context.workers.run([&] {
    mailbox.pairs = context.journal.pairs(record.number);
    mailbox.held = context.journal.held(record.number);
  });
  Apply apply(context, mailbox);
  co_await apply.resolve_intents(Side::Remote);
  co_return true;
}

}  // namespace

asio::awaitable<bool> settle_begun(MailboxList& list, const CopiesThere& copies) {
  bool any = false;
  for (auto& candidate : list.candidates) {
    if (candidate.record == nullptr || !copies.facts.contains(candidate.path)) continue;
    const auto& record = *candidate.record;
    if (!stands_as_known(candidate.local, record.local) || !stands_as_known(candidate.remote, record.remote)) continue;
    try {
      const bool settled = co_await settle_in(list, candidate);
      any = any || settled;
    } catch (const MailboxFailure& failure) {
      list.context.log.info("is not looked at for copies", {{"why", failure.what()}});
    }
  }
  co_return any;
}

}  // namespace mirror
