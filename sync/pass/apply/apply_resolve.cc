// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Apply, its other half: finding again what was appended, where no answer says which UIDs it has.
#include <algorithm>
#include <map>
#include <set>

#include "proto/mail/digest.h"
#include "proto/mail/message_id.h"
#include "sync/message_mark.h"
#include "sync/pass/apply/apply.h"
#include "sync/pass/context/moved_mark.h"
#include "sync/pass/pairing/same_messages.h"

namespace mirror {

namespace {

std::set<std::uint64_t> sizes_of(const std::vector<Intent>& intents) {
  std::set<std::uint64_t> out;
  for (const auto& intent : intents) out.insert(intent.size);
  return out;
}

}  // namespace

// Taken by a side that does not say which UIDs. True: there is nothing more to try. What is not found comes later, or
// was changed until nothing tells it: another copy would be one more.
asio::awaitable<bool> Apply::find_taken(const Batch& batch, Side to) {
  const auto number = mailbox_.record.number;
  auto intents = co_await context_.workers.run([&] { return context_.journal.intents(number); });
  std::erase_if(intents, [&](const Intent& intent) { return intent.to != to; });
  MessageIds ids;
  for (const auto& message : batch) ids[message.uid] = mail::message_id_of(mail::header_of(message.data));
  auto missing = co_await pair_found(intents, to);
  co_await pair_by_message_id(std::move(missing), ids, to, "it was taken there, and is not shown or was changed");
  co_return true;
}

// Copies that were begun on the server, and whose copies here have gone on meanwhile.
void Apply::name_moved(const std::vector<Intent>& missing, MessageIds& ids,
                       std::map<imap::Uid, std::int64_t>& dates) const {
  for (const auto& intent : missing) {
    const auto mark = ids.contains(intent.source) ? std::nullopt : moved_mark(intent.digest);
    if (!mark) continue;
    const auto at = std::ranges::find_if(arrived_, [&](const Identity& one) {
      return mark_of(one.message_id) == mark->message && one.internal_date == mark->internal_date;
    });
    if (at == arrived_.end()) continue;
    ids[intent.source] = at->message_id;
    dates[intent.source] = at->internal_date;
  }
}

asio::awaitable<void> Apply::resolve_intents(Side to) {
  const auto number = mailbox_.record.number;
  auto intents = co_await context_.workers.run([&] { return context_.journal.intents(number); });
  std::erase_if(intents, [&](const Intent& intent) { return intent.to != to; });
  if (intents.empty()) co_return;
  auto missing = co_await pair_found(intents, to);
  MessageIds ids;
  const bool doubtful = !mailbox_.on(to).shows_at_once();
  if (!missing.empty() && (doubtful || !arrived_.empty())) {
    imap::UidSet sources;
    std::map<imap::Uid, std::int64_t> dates;
    for (const auto& intent : missing) sources.add(intent.source);
    const auto identities = co_await mailbox_.on(other(to)).identities(sources);
    for (const auto& identity : identities) {
      dates[identity.uid] = identity.internal_date;
      ids[identity.uid] = identity.message_id;
    }
    name_moved(missing, ids, dates);
    // Nobody has said that the message was taken: another copy of it would have another date.
    std::erase_if(arrived_, [&](const Identity& one) {
      return std::ranges::none_of(
          ids, [&](const auto& id) { return id.second == one.message_id && dates[id.first] == one.internal_date; });
    });
  }
  co_await pair_by_message_id(std::move(missing), ids, to,
                              doubtful ? "the answer to sending it never came, and it is not shown there" : "");
}

asio::awaitable<void> Apply::resolve_flags(const SideChanges& local, const SideChanges& remote) {
  const auto number = mailbox_.record.number;
  const auto begun = co_await context_.workers.run([&] { return context_.journal.flag_intents(number); });
  if (begun.empty()) co_return;
  std::map<imap::Uid, const imap::FlagSet*> shown[2];
  for (const auto& seen : local.present) shown[0][seen.uid] = &seen.flags;
  for (const auto& seen : remote.present) shown[1][seen.uid] = &seen.flags;
  store::StateBatch outcome;
  for (const auto& action : begun)
    action.uids.for_each([&](imap::Uid uid) {
      const auto& side = shown[action.side == Side::Local ? 0 : 1];
      const auto seen = side.find(uid);
      const auto* pair = mailbox_.pairs.find(action.side, uid);
      if (seen == side.end() || pair == nullptr) return;
      auto absent = action.flags, agreed = pair->flags;
      absent.remove(*seen->second);
      auto present = action.flags;
      present.remove(absent);
      if (action.change == imap::FlagChange::Add)
        agreed.add(present);
      else
        agreed.remove(absent);
      mailbox_.pairs.set_flags_by_remote(pair->remote, std::move(agreed));
      context_.journal.put_pair(outcome, number, *pair);
    });
  context_.journal.erase_flag_intents(outcome, number, begun.size());
  co_await commit(std::move(outcome), false);
}

// By size and digest. Returns the intents whose message was not found; they are still in the journal.
asio::awaitable<std::vector<Intent>> Apply::pair_found(const std::vector<Intent>& intents, Side to) {
  arrived_.clear();
  if (intents.empty()) co_return intents;
  const auto floor = std::ranges::min_element(intents, {}, &Intent::floor)->floor;
  const auto sizes = sizes_of(intents);
  arrived_ =
      co_await mailbox_.on(to).identities(imap::UidSet::between(std::max(floor, imap::Uid(1)), imap::Uid(0xffffffffu)));
  auto& next = uid_next_[to == Side::Local ? 0 : 1];
  imap::UidSet candidates;
  for (const auto& identity : arrived_) {
    next = std::max(next, identity.uid.next());
    if (!mailbox_.pairs.find(to, identity.uid) && sizes.contains(identity.size)) candidates.add(identity.uid);
  }
  std::multimap<std::string, imap::Uid> found;
  if (!candidates.empty()) {
    const auto stream = co_await mailbox_.on(to).fetch(candidates);
    for (;;) {
      const auto message = co_await stream->next();
      if (!message) break;
      const auto digest = co_await context_.workers.run([&] { return mail::digest_of(message->data); });
      found.emplace(digest.sha256, message->uid);
    }
  }
  store::StateBatch outcome;
  std::vector<Intent> missing;
  for (const auto& intent : intents) {
    const auto at = std::ranges::find_if(
        found, [&](const auto& entry) { return entry.first == intent.digest && !(entry.second < intent.floor); });
    if (at == found.end()) {
      missing.push_back(intent);
      continue;
    }
    pair(outcome, intent, at->second);
    found.erase(at);
  }
  co_await commit(std::move(outcome), true);
  std::erase_if(arrived_, [&](const Identity& one) { return mailbox_.pairs.find(to, one.uid) != nullptr; });
  co_return missing;
}

// Some servers change the text of what they take: the only one that has arrived with this Message-ID is it. What is not
// found by this either is held, where it may be there nevertheless (`doubt` says why); in one write with the intent's
// end, so that it is never sent again by itself. Else it was not taken.
asio::awaitable<void> Apply::pair_by_message_id(std::vector<Intent> intents, const MessageIds& ids, Side to,
                                                const std::string& doubt) {
  store::StateBatch outcome;
  for (const auto& intent : intents) {
    context_.journal.erase_intent(outcome, mailbox_.record.number, to, intent.source);
    const auto id = ids.find(intent.source);
    if (id == ids.end()) continue;
    const auto at = std::ranges::find(arrived_, id->second, &Identity::message_id);
    const bool alone = !id->second.empty() && std::ranges::count(arrived_, id->second, &Identity::message_id) == 1;
    if (alone && !(at->uid < intent.floor)) {
      auto found = intent;
      if (is_of_a_copy(intent.digest)) found.flags = in_both(intent.flags, at->flags);  // not all may be copied
      pair(outcome, found, at->uid);
      arrived_.erase(at);
    } else if (!doubt.empty() && !mailbox_.pairs.find(other(to), intent.source)) {
      const auto& held = mailbox_.held[{other(to), intent.source}] = {Held::Kind::Lost, doubt, 0, 0};
      context_.journal.put_held(outcome, mailbox_.record.number, other(to), intent.source, held);
    }
  }
  arrived_.clear();
  co_await commit(std::move(outcome), true);
}

void Apply::pair(store::StateBatch& batch, const Intent& intent, imap::Uid found) {
  context_.journal.erase_intent(batch, mailbox_.record.number, intent.to, intent.source);
  if (mailbox_.pairs.find(other(intent.to), intent.source)) return;
  auto made = pair_towards(intent.to, intent.source, found, intent.flags);
  remarks_.add({made}, (intent.to == Side::Local ? "fetched from " : "sent to ") + context_.names.remote +
                           ", and found again there");
  context_.journal.put_pair(batch, mailbox_.record.number, made);
  mailbox_.pairs.put(std::move(made));
  release(other(intent.to), intent.source);
  auto& counts = context_.progress.counts;
  ++(intent.to == Side::Local ? counts.copied_to_local : counts.copied_to_remote);
}

}  // namespace mirror
