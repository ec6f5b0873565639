// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "sync/imap/uid_search.h"

#include <optional>
#include <utility>
#include <variant>

namespace mirror {

asio::awaitable<base::Result<imap::UidSet>> search_uids(Client& client, imap::SearchCommand command) {
  command.by_uid = true;
  std::optional<imap::UidSet> out;
  const auto answer = co_await client.execute(command, [&](imap::Response& response) {
    if (const auto* found = std::get_if<imap::SearchResponse>(&response)) {
      if (!out) out.emplace();
      for (const auto number : found->numbers) out->add(imap::Uid(number));
    } else if (const auto* extended = std::get_if<imap::EsearchResponse>(&response); extended && extended->by_uid) {
      if (!out) out.emplace();
      if (!extended->all) return;
      for (const auto& range : extended->all->ranges)
        if (range.first != 0 && range.last != 0) out->add(imap::Uid(range.first), imap::Uid(range.last));
    }
  });
  if (!answer.is_ok() || !out) co_return base::refuse(base::Reason::Failed, answer.text);
  co_return std::move(*out);
}

}  // namespace mirror
