// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "sync/pass/absent_messages.h"

#include "sync/pass/mailboxes/renamed_mailboxes.h"

namespace mirror {

namespace {

std::string why_text(Losses::Why why, Side lost) {
  switch (why) {
    case Losses::Why::Emptied: return ": nothing is left of the mailbox, as if its directory had been taken away";
    case Losses::Why::Fuse:
      return lost == Side::Local ? ", more than the fuse lets go that no mail client has removed"
                                 : ", more than the fuse lets go";
    case Losses::Why::Account: return "; over all mailboxes too many are gone at once";
    default: return ", and they are held";
  }
}

std::string sentence(const PassContext& context, const MailboxPath& path, Side lost, const Losses& losses) {
  const auto name = path.shown(), words = context.account + ' ' + in_shell(path);
  const bool here = lost == Side::Local;
  return name + ": " + message_count(losses.held) + (losses.of > 0 ? " of " + std::to_string(losses.of) : "") +
         (losses.held == 1 ? " is" : " are") + " no longer " + (here ? "here" : "on the server") +
         why_text(losses.why, lost) + ". Nothing is removed " + (here ? "on the server" : "here") +
         ". `postern restore " + words + "` copies back what is missing, `postern allow " + words + "` removes it " +
         (here ? "there" : "here") + " too";
}

void tell(PassContext& context, const MailboxPath& path, Side lost, const Losses& losses) {
  context.progress.waiting += losses.waiting;
  context.progress.held += losses.held;
  if (losses.held == 0) return;
  context.progress.problems.push_back(sentence(context, path, lost, losses));
  context.progress.held_in.push_back({path.shown(), lost == Side::Local, context.progress.problems.back()});
}

}  // namespace

void AbsentMessages::recall(SideChanges& local, SideChanges& remote) const {
  recall_absences(mailbox_.absences, Side::Local, local);
  recall_absences(mailbox_.absences, Side::Remote, remote);
}

asio::awaitable<void> AbsentMessages::weigh(Plan& plan, const SideChanges& local, const SideChanges& remote) {
  weighed_ = weigh_removals(plan, mailbox_.pairs, local, remote, context_.removals, mailbox_.absences);
  store::StateBatch batch;
  const auto number = mailbox_.record.number;
  for (const auto& [key, absence] : weighed_.changed)
    context_.journal.put_absence(batch, number, key.first, key.second, absence);
  for (const auto& [side, uid] : weighed_.over) context_.journal.erase_absence(batch, number, side, uid);
  if (batch.writes.empty()) co_return;
  co_await context_.workers.run([&] { context_.journal.commit(batch, false); });
}

void AbsentMessages::add_twins(imap::UidSet& here, imap::UidSet& there) const {
  const bool came_here = !here.empty(), came_there = !there.empty();
  for (const auto& [key, absence] : mailbox_.absences) {
    const auto [side, uid] = key;
    const auto* pair = mailbox_.pairs.find(side, uid);
    if (pair == nullptr) continue;
    if (side == Side::Local && came_here) there.add(pair->remote);
    if (side == Side::Remote && came_there) here.add(pair->local);
  }
}

bool AbsentMessages::come_back(store::StateBatch& batch, const std::vector<Pair>& found) {
  bool any = false;
  for (const auto& pair : found)
    for (const auto side : {Side::Local, Side::Remote}) {
      const auto* old = mailbox_.pairs.find(other(side), pair.uid(other(side)));
      if (old == nullptr) continue;
      any = true;
      if (mailbox_.absences.erase({side, old->uid(side)}) > 0)
        context_.journal.erase_absence(batch, mailbox_.record.number, side, old->uid(side));
      context_.journal.erase_pair(batch, mailbox_.record.number, old->remote);
      mailbox_.pairs.erase_remote(imap::Uid(old->remote));
    }
  return any;
}

void AbsentMessages::report() const {
  for (const auto side : {Side::Local, Side::Remote}) tell(context_, mailbox_.record.path, side, weighed_.of(side));
}

bool has_to_settle(PassContext& context, const MailboxRecord& record, const Absences& absences) {
  Losses lost[2];
  for (const auto& [key, absence] : absences) {
    auto& losses = lost[key.first == Side::Local ? 0 : 1];
    switch (absence.kind) {
      case Absence::Kind::Allowed:
      case Absence::Kind::Leaves: return true;
      case Absence::Kind::Held: ++losses.held; break;
      case Absence::Kind::Waits:
        if (context.removals.now - absence.since >= context.removals.of(key.first).wait) return true;
        ++losses.waiting;
    }
  }
  for (const auto side : {Side::Local, Side::Remote}) {
    auto& losses = lost[side == Side::Local ? 0 : 1];
    losses.why = Losses::Why::Before;
    tell(context, record.path, side, losses);
  }
  return false;
}

}  // namespace mirror
