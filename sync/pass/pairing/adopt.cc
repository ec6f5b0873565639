// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "sync/pass/pairing/adopt.h"

#include <algorithm>
#include <set>
#include <string>

#include "sync/pass/context/remarks.h"
#include "sync/pass/pairing/same_messages.h"
#include "sync/pass/pairing/strangers.h"
#include "sync/pass/pairing/tool_pairs.h"

namespace mirror {

namespace {

// What is known is older than the mailbox is. So that only one side has a message may mean that it was deleted on the
// other or that it was lost there with what was known: it is kept, and looked for under another UID.
std::vector<Pair> part_half_pairs(PassContext& context, MailboxPair& mailbox, const MailboxLook& look,
                                  store::StateBatch& batch) {
  std::vector<Pair> out;
  if (!look.local.complete || !look.remote.complete) return out;
  mailbox.pairs.for_each([&](const Pair& pair) {
    if (look.shows(Side::Local, pair.local) != look.shows(Side::Remote, pair.remote)) out.push_back(pair);
  });
  for (const auto& pair : out) {
    context.journal.erase_pair(batch, mailbox.record.number, pair.remote);
    mailbox.pairs.erase_remote(pair.remote);
  }
  return out;
}

void tell_parted(PassContext& context, const MailboxPath& path, const std::vector<Pair>& parted,
                 const std::vector<Pair>& found) {
  std::set<imap::Uid> found_here, found_there;
  for (const auto& pair : found) {
    found_here.insert(pair.local);
    found_there.insert(pair.remote);
  }
  const auto left = std::ranges::count_if(
      parted, [&](const Pair& one) { return !found_here.contains(one.local) && !found_there.contains(one.remote); });
  if (left == 0) return;
  context.progress.problems.push_back(
      path.shown() + ": what was known of this mailbox was older than its mail; " + std::to_string(left) +
      (left == 1 ? " message that only one side has is" : " messages that only one side has are") +
      " copied to the other. What you had deleted may have come back: delete it again");
}

}  // namespace

// Pairs what is the same on both sides. The pairs are written in one step with both UIDVALIDITYs, without which they
// mean nothing: a pass that is cut off before adopts again.
asio::awaitable<void> adopt(PassContext& context, MailboxPair& mailbox, const MailboxLook& look) {
  auto& record = mailbox.record;
  const bool is_new = !record.local.uid_validity && !record.remote.uid_validity && mailbox.pairs.empty();
  record.local.uid_validity = look.local.state.uid_validity;
  record.remote.uid_validity = look.remote.state.uid_validity;
  store::StateBatch batch;
  context.journal.put_mailbox(batch, record);
  context.journal.erase_uncertain(batch, record.number);
  const auto parted = part_half_pairs(context, mailbox, look, batch);
  const auto known = look.known_pairs();
  ToolPairs tool(context, mailbox, look);
  FoundPairs found;
  if (is_new) found = co_await tool.find();
  for (const auto& pair : found.pairs) mailbox.pairs.put(pair);
  auto rest =
      co_await same_messages(context, mailbox, look.unpaired(Side::Local), look.unpaired(Side::Remote), Reading::All);
  found.add(std::move(rest));
  for (const auto& pair : found.pairs) mailbox.pairs.put(pair);
  if (known.empty() && parted.empty()) co_await refuse_strangers(context, mailbox, look, found.size());
  context.progress.counts.paired += found.size();
  for (const auto* pairs : std::initializer_list<const std::vector<Pair>*>{&known, &found.pairs})
    for (const auto& pair : *pairs) {
      context.journal.put_pair(batch, record.number, pair);
      mailbox.pairs.put(pair);
    }
  if (tool.has_met_tool()) found.put_dates(context.journal, batch, record);  // its dates are of the day of the download
  if (!mailbox.pairs.empty())
    context.log.info("paired", {{"mailbox", record.path.shown()}, {"messages", mailbox.pairs.size()}});
  tell_parted(context, record.path, parted, found.pairs);
  co_await tool.settle(batch);
  co_await context.workers.run([&] { context.journal.commit(batch, true); });
  co_await tool.finish();
  if (context.is_trial) co_return;
  Remarks remarks;
  remarks.add(found.pairs, "is the same message as on " + context.names.remote);
  co_await remarks.tell(*mailbox.local);
}

}  // namespace mirror
