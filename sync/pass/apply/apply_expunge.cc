// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Apply, expunging: of the messages that were paired, and of no others.
#include "sync/message_mark.h"
#include "sync/pass/apply/apply.h"

namespace mirror {

// Whether they are the messages that were paired. UIDVALIDITY, UIDNEXT and MODSEQ do not tell: a server that was
// restored from a backup gives UIDs anew and counts on. What is not described may be gone, or kept back.
asio::awaitable<Apply::Checked> Apply::check_identities(const imap::UidSet& uids, Side side) {
  Checked out;
  if (mailbox_.on(side).commits_state()) co_return out;  // the store of this process
  imap::UidSet described, unnamed;
  const auto there = co_await mailbox_.on(side).identities(uids);
  for (const auto& one : there) {
    const auto* pair = mailbox_.pairs.find(side, one.uid);
    const bool marked = pair != nullptr && pair->mark != 0;
    if (marked && one.message_id.empty()) {
      unnamed.add(one.uid);
      continue;
    }
    described.add(one.uid);
    if (marked && pair->mark != mark_of(one.message_id)) out.strangers.add(one.uid);
  }
  // It has none, or the server does not tell it (dbmail answers HEADER.FIELDS with nothing): the text does.
  if (!unnamed.empty()) {
    const auto stream = co_await mailbox_.on(side).fetch(unnamed);
    while (const auto message = co_await stream->next()) {
      described.add(message->uid);
      if (mailbox_.pairs.find(side, message->uid)->mark != mark_of_text(message->data)) out.strangers.add(message->uid);
    }
  }
  const auto left = uids.minus(described);
  if (!left.empty()) out.hidden = co_await mailbox_.on(side).told_of(left);
  co_return out;
}

// A server without UIDPLUS expunges whatever is marked \Deleted. What others have marked so loses the mark before,
// which is in the journal until it has it again.
asio::awaitable<base::Result<void>> Apply::expunge_alone(const imap::UidSet& uids, Side side) {
  auto& mailbox = mailbox_.on(side);
  if (mailbox.expunges_alone()) co_return co_await mailbox.expunge(uids);
  const auto marked = co_await mailbox.marked_deleted();
  if (!marked) co_return std::unexpected(marked.error());
  const auto others = marked->minus(uids);
  if (others.empty()) co_return co_await mailbox.expunge(uids);
  store::StateBatch batch;
  context_.journal.put_set_aside(batch, mailbox_.record.number, side, others);
  co_await commit(std::move(batch), true);
  auto done = co_await mailbox.change_flags(others, imap::FlagChange::Remove, {imap::Flag::Deleted});
  if (done) done = co_await mailbox.expunge(uids);
  auto back = co_await put_back(others, side);
  co_return done ? back : done;
}

asio::awaitable<base::Result<void>> Apply::put_back(const imap::UidSet& others, Side side) {
  auto done = co_await mailbox_.on(side).change_flags(others, imap::FlagChange::Add, {imap::Flag::Deleted});
  if (!done) co_return done;
  store::StateBatch batch;
  context_.journal.erase_set_aside(batch, mailbox_.record.number, side);
  co_await commit(std::move(batch), true);
  co_return done;
}

asio::awaitable<bool> Apply::resolve_set_aside(Side side) {
  const auto number = mailbox_.record.number;
  const auto others = co_await context_.workers.run([&] { return context_.journal.set_aside(number, side); });
  if (others.empty()) co_return false;
  const auto checked = co_await check_identities(others, side);  // there may be other messages under their UIDs
  auto same = others.minus(checked.strangers);
  if (!checked.strangers.empty()) same = same.intersect(mailbox_.pairs.uids(side));  // of the others nothing is known
  const auto done = co_await put_back(same, side);
  if (!done)
    refused(std::string("\\Deleted, which was set aside, cannot be put back on the ") + name_of(side) + " side",
            done.error());
  co_return true;
}

// Those of which nobody here has said that they are to be removed: no client of ours had them last, so that they are
// not among what is kept already.
imap::UidSet Apply::uids_not_said(Side side) const {
  imap::UidSet out;
  for (const auto& [key, absence] : mailbox_.absences) {
    if (key.first != other(side) || absence.kind == Absence::Kind::Leaves) continue;
    if (const auto* pair = mailbox_.pairs.find(key.first, key.second)) out.add(pair->uid(side));
  }
  return out;
}

// What is to be removed on the server and is not here any more is fetched before. Answers those that could not be kept,
// which stay there.
asio::awaitable<imap::UidSet> Apply::keep(imap::UidSet uids) {
  imap::UidSet left = uids;
  if (uids.empty()) co_return left;
  base::Result<void> kept;
  const auto stream = co_await mailbox_.remote->fetch(std::move(uids));
  while (const auto message = co_await stream->next()) {  // to its end, or else the mailbox cannot be used any more
    if (kept) kept = co_await context_.workers.run([&] { return context_.keep(mailbox_.record.path, *message); });
    if (kept) left.remove(message->uid);
  }
  const auto why = "they cannot be fetched, so that they could not be brought back (" + std::to_string(left.size()) +
                   "); the next pass tries again";
  if (!left.empty())
    refused("messages that were deleted are not expunged on " + context_.names.of(Side::Remote),
            kept ? base::Refusal{base::Reason::Failed, why} : kept.error());
  co_return left;
}

// The built-in store keeps what is removed from it (`postern removed`), and refuses where it cannot.
asio::awaitable<void> Apply::discard(const imap::UidSet& uids) {
  if (uids.empty()) co_return;
  const auto done = co_await mailbox_.local->expunge(uids);
  if (!done)
    refused("messages that only this side has are not removed", done.error());
  else
    context_.progress.counts.expunged_local += uids.size();
  context_.progress.tick();
}

asio::awaitable<void> Apply::expunge(const imap::UidSet& uids, Side side) {
  if (uids.empty()) co_return;
  const auto checked = co_await check_identities(uids, side);
  const auto& others = checked.strangers;
  if (!others.empty()) {
    found_strangers_ = true;
    refused("messages that were deleted are not expunged on the " + std::string(name_of(side)) + " side",
            {base::Reason::Failed, "there are other messages in their place now (" + std::to_string(others.size()) +
                                       "; has the server been restored from a backup?). Nothing was expunged there; "
                                       "the next pass pairs the messages of this mailbox anew"});
    co_return;
  }
  auto known = uids.minus(checked.hidden);
  if (!checked.hidden.empty())
    refused("messages that were deleted are not expunged on " + context_.names.of(side),
            {base::Reason::Failed, "it does not tell which messages they are (" +
                                       std::to_string(checked.hidden.size()) + "); the next pass asks again"});
  if (side == Side::Remote && context_.keep) known = known.minus(co_await keep(known.intersect(uids_not_said(side))));
  if (known.empty()) co_return;
  const auto those = side == Side::Remote ? pairs_among(mailbox_.pairs, side, known) : std::vector<Pair>();
  const auto done = co_await expunge_alone(known, side);
  if (done) remarks_.add(those, "removed on " + context_.names.remote);
  if (!done) {
    refused(std::string("messages cannot be expunged on the ") + name_of(side) + " side", done.error());
    co_return;
  }
  auto& counts = context_.progress.counts;
  (side == Side::Local ? counts.expunged_local : counts.expunged_remote) += known.size();
  context_.progress.touched.insert(mailbox_.record.path.shown());
  known.for_each([&](imap::Uid uid) {
    if (const auto* pair = mailbox_.pairs.find(side, uid)) context_.progress.arrivals.note_gone(pair->mark);
  });
  context_.progress.tick();
}

}  // namespace mirror
