// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// 1. Flags: `UID FETCH … (FLAGS) (CHANGEDSINCE n)`. New messages are those from UIDNEXT on, whatever their MODSEQ.
// 2. What is gone is counted: where EXISTS is what was known and what is new, nothing is. Else SEARCH names what is
//    there, in one line of ranges where the server has ESEARCH, and FETCH is asked for what is not (confirm_gone).
// 3. What contradicts itself is not believed: a new message without a new MODSEQ, more messages than are known, a
//    SEARCH that finds another number than EXISTS.
#include "sync/imap/imap_changes.h"

#include <utility>
#include <variant>

#include "sync/imap/imap_listing.h"
#include "sync/imap/imap_stream.h"
#include "sync/imap/message_limit.h"
#include "sync/imap/uid_search.h"

namespace mirror {

namespace {

constexpr int kPieces = 10'000;  // of one answer: a server with a limit gives a hundred messages at least

// False: it was refused, or is not complete.
// Of messages that are new (no `since`) the sizes too.
asio::awaitable<bool> fetch_flags(Client& client, imap::SequenceSet::Range range, std::optional<imap::ModSeq> since,
                                  Selected& said) {
  for (int piece = 0; piece < kPieces; ++piece) {
    imap::FetchCommand fetch;
    fetch.messages.by = imap::MessageSet::By::Uid;
    fetch.messages.set.ranges = {range};
    fetch.items = {item(imap::FetchItem::Kind::Flags)};
    if (!since) fetch.items.push_back(item(imap::FetchItem::Kind::Rfc822Size));
    fetch.changed_since = since;
    imap::UidSet told;
    const auto answer = co_await client.execute(fetch, [&](imap::Response& response) {
      const auto* fetched = std::get_if<imap::FetchResponse>(&response);
      if (fetched && fetched->uid && fetched->flags) told.add(*fetched->uid);
      said.take(response);
    });
    if (!answer.is_ok()) co_return false;
    auto stop = stopped_at(answer);
    if (!stop && is_like_a_limit(told.size())) stop = told.min().value;  // there may be more that it does not tell of
    if (!stop || *stop == range.first) co_return true;
    if (*stop < range.first || *stop > range.last) co_return false;
    range.last = *stop - 1;
  }
  co_return false;
}

asio::awaitable<base::Result<imap::UidSet>> search_all(Client& client) {
  imap::SearchCommand command;
  if (client.can("ESEARCH")) {
    command.returns.emplace();
    command.returns->all = true;
  }
  co_return co_await search_uids(client, std::move(command));
}

}  // namespace

asio::awaitable<bool> list_changes(Client& client, const imap::MailboxName& name, SideState since, imap::UidSet known,
                                   Selected& said) {
  const auto now = said.changes.state;
  const auto exists = said.exists;
  const bool moved = !(now.modseq == since.modseq), grown = since.uid_next < now.uid_next;
  said.changes.vanished = {};  // nobody was asked
  if (!now.modseq || now.modseq < since.modseq || !since.uid_next || (grown && !moved)) co_return false;
  if (moved && since.uid_next.value > 1 && exists > 0) {
    const bool told = co_await fetch_flags(client, {1, since.uid_next.value - 1}, since.modseq, said);
    if (!told) co_return false;
  }
  if (grown && exists > 0) {
    const bool told = co_await fetch_flags(client, {since.uid_next.value, now.uid_next.value - 1}, std::nullopt, said);
    if (!told) co_return false;
  }
  // What comes while it is looked at is seen next time.
  said.flags.erase(said.flags.lower_bound(now.uid_next), said.flags.end());
  auto there = known;
  for (const auto& [uid, flag_set] : said.flags) there.add(uid);
  if (there.size() > exists) {
    imap::UidSet found;
    if (exists > 0) {
      auto answered = co_await search_all(client);
      if (!answered) co_return false;
      found = std::move(*answered);
    }
    const auto missing = there.minus(found), more = found.minus(there);
    if ((!more.empty() && more.min() < now.uid_next) || there.size() - missing.size() != exists) co_return false;
    co_await confirm_gone(client, name, {std::move(known), missing, exists > 0 ? Witness::Search : Witness::Fetch},
                          said);
    said.changes.vanished = missing.minus(said.changes.unsure);
    there = there.minus(missing);
  }
  if (there.size() != exists) co_return false;
  said.exists = exists;  // the state is that of SELECT, whatever has happened since
  co_return true;
}

}  // namespace mirror
