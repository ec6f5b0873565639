// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "sync/imap/list_by_search.h"

#include <array>
#include <utility>

#include "sync/imap/imap_stream.h"
#include "sync/imap/uid_parts.h"
#include "sync/imap/uid_search.h"
#include "sync/progress.h"

namespace mirror {

namespace {

constexpr std::uint64_t kAtOnce = 1000;

asio::awaitable<imap::UidSet> search_everything(Client& client) {
  auto found = co_await search_uids(client, imap::SearchCommand());
  if (!found) throw MailboxFailure(base::Reason::Failed, client.server() + " lists no messages: " + found.error().text);
  co_return std::move(*found);
}

// Keywords are not asked for: the message gets them when its flags can be read.
asio::awaitable<void> add_with_flags(Client& client, const imap::UidSet& uids, Selected& said) {
  uids.for_each([&](imap::Uid uid) { said.flags.try_emplace(uid); });
  if (uids.empty()) co_return;
  constexpr std::array kFlags{imap::Flag::Answered, imap::Flag::Flagged, imap::Flag::Deleted, imap::Flag::Seen,
                              imap::Flag::Draft};
  for (const auto flag : kFlags) {
    imap::SearchCommand command;
    command.key.kind = imap::SearchKey::Kind::HasFlag;
    command.key.flag = flag;
    const auto found = co_await search_uids(client, std::move(command));
    if (found) found->intersect(uids).for_each([&](imap::Uid uid) { said.flags[uid].add(imap::FlagSet{flag}); });
  }
}

}  // namespace

asio::awaitable<void> list_in_parts(Client& client, const imap::UidSet& known, Selected& said) {
  const auto found = co_await search_everything(client);
  UidParts parts(client.server(), found.minus(said.listed()));
  while (!parts.empty()) {
    const auto part = parts.next(kAtOnce);
    imap::FetchCommand fetch;
    fetch.messages = by_uid(part);
    fetch.items = {item(imap::FetchItem::Kind::Flags)};
    const auto answer = co_await client.execute(fetch, [&](imap::Response& response) { said.take(response); });
    parts.answered(part, part.minus(said.listed()), answer);
  }
  const auto fresh = found.minus(said.listed()).minus(known);
  co_await add_with_flags(client, fresh, said);
}

asio::awaitable<void> list_by_search(Client& client, const imap::UidSet& known, Selected& said) {
  const auto found = co_await search_everything(client);
  said.flags.clear();
  said.changes.vanished = {};
  said.changes.complete = true;
  const auto fresh = found.minus(known);
  co_await add_with_flags(client, fresh, said);
  said.changes.unsure = known;
  said.changes.doubt = client.server() +
                       " breaks the connection when it is asked for flags; what is new is copied, and " +
                       "of the other messages (" + std::to_string(known.size()) + ") nothing is known";
}

}  // namespace mirror
