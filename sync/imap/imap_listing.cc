// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// 1. `UID FETCH 1:* (FLAGS)` lists everything. A server that gives only so many messages at once (MESSAGELIMIT, RFC
//    9738; Yahoo and AOL) is asked for what lies below and above, as long as more comes.
//    One that refuses is asked in parts (list_by_search.h).
// 2. Where the server counts more messages (EXISTS) than it lists, one of both is wrong: nothing is concluded from what
//    is missing. What is listed is believed.
// 3. A listing is one witness. Before what is missing counts as gone, SEARCH is asked for it by UID; and where most of
//    what was there is missing, the mailbox is selected again, which must count as few. (A server whose index is being
//    made anew says `0 EXISTS` once.) The same of what is listed and told to have vanished meanwhile.
//    Where what is left is a round number, and something is missing that is older than all of it, this may be a window
//    on the newest messages that has moved on: that is no deletion, whatever SEARCH says.
// 4. Where it lists more messages than it counts, those that are from UIDNEXT on must be found by SEARCH: a UID that no
//    message has would be taken for the last one there is.
#include "sync/imap/imap_listing.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "sync/imap/imap_stream.h"
#include "sync/imap/list_by_search.h"
#include "sync/imap/message_limit.h"
#include "sync/imap/uid_search.h"
#include "sync/progress.h"

namespace mirror {

namespace {

// From the first to the last UID, 0 being `*`. False: it is refused, and nothing has come.
asio::awaitable<bool> fetch_flags(Client& client, std::uint32_t first, std::uint32_t last, Selected& said) {
  imap::FetchCommand fetch;
  fetch.messages.by = imap::MessageSet::By::Uid;
  fetch.messages.set.ranges = {{first, last}};
  fetch.items = {item(imap::FetchItem::Kind::Flags)};
  const auto before = said.flags.size();
  const auto answer = co_await client.execute(fetch, [&](imap::Response& response) { said.take(response); });
  co_return answer.is_ok() || said.flags.size() > before;
}

asio::awaitable<imap::UidSet> search(Client& client, const imap::UidSet& uids) {
  imap::UidSet out;
  for (const auto& part : split(uids, 0, most_messages(client))) {
    imap::SearchCommand command;
    command.key.kind = imap::SearchKey::Kind::Messages;
    command.key.messages = by_uid(part);
    const auto found = co_await search_uids(client, std::move(command));
    out.add(found ? found->intersect(part) : part);  // else no agreement
  }
  co_return out;
}

asio::awaitable<std::uint32_t> count_again(Client& client, const imap::MailboxName& name) {
  imap::SelectCommand select;
  select.mailbox = name;
  Selected said;
  const auto answer = co_await client.execute(select, [&](imap::Response& response) { said.take(response); });
  if (!answer.is_ok()) co_return std::numeric_limits<std::uint32_t>::max();
  co_return said.exists;
}

// Those that FETCH still tells of.
asio::awaitable<imap::UidSet> fetch(Client& client, const imap::UidSet& uids) {
  imap::UidSet out;
  for (const auto& part : split(uids, 0, most_messages(client))) {
    imap::FetchCommand command;
    command.messages = by_uid(part);
    command.items = {item(imap::FetchItem::Kind::Flags)};
    const auto answer = co_await client.execute(command, [&](imap::Response& response) {
      const auto* told = std::get_if<imap::FetchResponse>(&response);
      if (told && told->uid && part.contains(*told->uid)) out.add(*told->uid);
    });
    if (!answer.is_ok()) out.add(part);  // no agreement
  }
  co_return out;
}

// Yahoo's "limited mode" and others show the newest 10,000 messages alone, and none of their answers tells of the older
// ones: each new message makes one of them vanish.
imap::UidSet beyond_a_window(const Missing& missing, std::uint32_t exists) {
  constexpr std::uint32_t kRound = 10'000;
  const auto left = missing.known.minus(missing.missing);
  if (exists == 0 || exists % kRound != 0 || left.empty() || left.min().value == 1) return {};
  return missing.missing.intersect(imap::UidSet::between(imap::Uid(1), imap::Uid(left.min().value - 1)));
}

}  // namespace

// What is missing of what was known is gone only where the server agrees.
asio::awaitable<void> confirm_gone(Client& client, const imap::MailboxName& name, Missing missing, Selected& said) {
  if (missing.missing.empty()) co_return;
  auto& changes = said.changes;
  const auto beyond = beyond_a_window(missing, said.exists);
  const auto others = missing.missing.minus(beyond);
  if (!others.empty() && missing.first == Witness::Fetch)
    changes.unsure = co_await search(client, others);
  else if (!others.empty())
    changes.unsure = co_await fetch(client, others);
  if (changes.unsure.empty() && others.size() * 2 > missing.known.size()) {
    const auto again = co_await count_again(client, name);
    if (again > said.exists) changes.unsure = others;
  }
  if (!changes.unsure.empty())
    changes.doubt = client.server() + " tells of " + message_count(said.exists) + " and, asked again, has " +
                    message_count(changes.unsure.size()) + " more; these are not taken for deleted";
  else if (!beyond.empty())
    changes.doubt = client.server() + " tells of " + message_count(said.exists) + " and of none that is older; " +
                    message_count(beyond.size()) + " that it told of before are not taken for deleted";
  changes.unsure.add(beyond);
}

asio::awaitable<void> drop_strangers(Client& client, imap::Uid uid_next, Selected& said) {
  imap::UidSet strangers;
  for (auto at = said.flags.lower_bound(uid_next); at != said.flags.end(); ++at) strangers.add(at->first);
  if (!uid_next || said.flags.size() <= said.exists || strangers.empty()) co_return;
  const auto found = co_await search(client, strangers);
  strangers.minus(found).for_each([&](imap::Uid uid) { said.flags.erase(uid); });
}

asio::awaitable<void> confirm_vanished(Client& client, const imap::MailboxName& name, imap::UidSet known,
                                       Selected& said) {
  auto& vanished = said.changes.vanished;
  auto gone = known.intersect(vanished);
  co_await confirm_gone(client, name, {std::move(known), std::move(gone), Witness::Fetch}, said);
  vanished = vanished.minus(said.changes.unsure);
}

asio::awaitable<void> list_all(Client& client, const imap::MailboxName& name, imap::UidSet known, Selected& said) {
  said.flags.clear();
  said.changes.vanished = said.changes.unsure = {};
  said.changes.doubt.clear();
  said.changes.complete = true;
  const auto before = said.exists;
  // What comes while it lists need not be in the list.
  const auto least = [&] { return std::min(before, said.exists); };
  bool answered = before == 0;
  if (before > 0) answered = co_await fetch_flags(client, 1, 0, said);
  while (answered && said.flags.size() < least() && !said.flags.empty()) {
    const auto size = said.flags.size();
    const auto lowest = said.flags.begin()->first.value, highest = said.flags.rbegin()->first.value;
    if (lowest > 1) answered = co_await fetch_flags(client, 1, lowest - 1, said);
    if (answered && said.flags.size() < least()) answered = co_await fetch_flags(client, highest + 1, 0, said);
    if (said.flags.size() == size) break;
  }
  if (!answered) co_await list_in_parts(client, known, said);
  if (said.flags.size() >= least()) {
    co_await drop_strangers(client, said.changes.state.uid_next, said);
    auto& vanished = said.changes.vanished;
    const auto missing = known.minus(said.listed().minus(vanished));
    co_await confirm_gone(client, name, {std::move(known), missing, Witness::Fetch}, said);
    vanished = vanished.minus(said.changes.unsure);
    // One that was listed and is gone by now is seen next time, for which this state must not look like the last one.
    said.exists = std::max(said.exists, static_cast<std::uint32_t>(said.flags.size()));
    co_return;
  }
  said.changes.unsure = known.minus(said.listed());
  said.changes.doubt = client.server() + " counts " + message_count(least()) + " and listed " +
                       std::to_string(said.flags.size()) + " of " + std::to_string(least()) +
                       " messages; of the others nothing is known";
}

}  // namespace mirror
