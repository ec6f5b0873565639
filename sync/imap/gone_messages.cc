// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "sync/imap/gone_messages.h"

#include <utility>
#include <variant>
#include <vector>

#include "sync/imap/execute_all.h"
#include "sync/imap/imap_stream.h"
#include "sync/imap/message_limit.h"

namespace mirror {

asio::awaitable<base::Result<void>> check_gone(Client& client, imap::UidSet uids) {
  std::vector<imap::Command> commands;
  for (const auto& part : split(uids, 0, most_messages(client))) {
    imap::FetchCommand fetch;
    fetch.messages = by_uid(part);
    fetch.items = {item(imap::FetchItem::Kind::Flags)};
    commands.push_back(std::move(fetch));
  }
  imap::UidSet left;
  const auto skipped = client.skipped().messages;
  auto done = co_await execute_all(client, std::move(commands), [&](imap::Response& response) {
    const auto* fetched = std::get_if<imap::FetchResponse>(&response);
    if (fetched && fetched->uid && uids.contains(*fetched->uid)) left.add(*fetched->uid);
  });
  if (done && !left.empty())
    done = base::refuse(base::Reason::NotPermitted, client.server() + " keeps UID " + left.to_string());
  else if (done && client.skipped().messages != skipped)
    done = base::refuse(base::Reason::Failed, client.server() + " does not tell whether they are gone");
  co_return done;
}

}  // namespace mirror
