// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "sync/imap/uid_search.h"

#include <utility>
#include <variant>

#include "sync/imap/imap_stream.h"
#include "sync/imap/message_limit.h"

namespace mirror {

namespace {

asio::awaitable<imap::StatusResponse> search(Client& client, imap::SearchCommand command,
                                             std::optional<imap::UidSet>& out) {
  command.by_uid = true;
  co_return co_await client.execute(command, [&](imap::Response& response) {
    auto found = found_uids(response);
    if (!found) return;
    if (out) found->add(*out);
    out = std::move(found);
  });
}

// Of the messages below this UID alone.
imap::SearchCommand below(imap::SearchCommand command, std::uint32_t uid) {
  imap::SearchKey range;
  range.kind = imap::SearchKey::Kind::Messages;
  range.messages.by = imap::MessageSet::By::Uid;
  range.messages.set.ranges = {{1, uid - 1}};
  imap::SearchKey both;
  both.kind = imap::SearchKey::Kind::And;
  both.children = {std::move(range), std::move(command.key)};
  command.key = std::move(both);
  return command;
}

}  // namespace

std::optional<imap::UidSet> found_uids(const imap::Response& response) {
  imap::UidSet out;
  if (const auto* found = std::get_if<imap::SearchResponse>(&response)) {
    for (const auto number : found->numbers) out.add(imap::Uid(number));
    return out;
  }
  const auto* extended = std::get_if<imap::EsearchResponse>(&response);
  if (extended == nullptr || !extended->by_uid) return std::nullopt;
  if (!extended->all) return out;
  for (const auto& range : extended->all->ranges)
    if (range.first != 0 && range.last != 0) out.add(imap::Uid(range.first), imap::Uid(range.last));
  return out;
}

imap::SearchCommand search_for_larger(const imap::UidSet& among, std::uint64_t octets) {
  imap::SearchKey in_set, larger;
  in_set.kind = imap::SearchKey::Kind::Messages;
  in_set.messages = by_uid(among);
  larger.kind = imap::SearchKey::Kind::Larger;
  larger.number = octets;
  imap::SearchCommand out;
  out.by_uid = true;
  out.key.kind = imap::SearchKey::Kind::And;
  out.key.children = {std::move(in_set), std::move(larger)};
  return out;
}

asio::awaitable<base::Result<imap::UidSet>> search_uids(Client& client, imap::SearchCommand command) {
  constexpr int kPieces = 10'000;
  std::optional<imap::UidSet> out;
  auto answer = co_await search(client, command, out);
  auto stop = stopped_at(answer);
  for (int piece = 0; answer.is_ok() && stop && *stop != 1; ++piece) {
    const auto before = *stop;
    if (before == 0 || piece == kPieces) co_return base::refuse(base::Reason::Limit, answer.text);
    answer = co_await search(client, below(command, before), out);
    stop = stopped_at(answer);
    if (stop && *stop >= before) co_return base::refuse(base::Reason::Limit, answer.text);
  }
  if (!answer.is_ok() || !out) co_return base::refuse(base::Reason::Failed, answer.text);
  co_return std::move(*out);
}

}  // namespace mirror
