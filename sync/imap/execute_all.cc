// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "sync/imap/execute_all.h"

#include <deque>

#include "sync/imap/imap_refusal.h"
#include "sync/imap/imap_stream.h"
#include "sync/imap/message_limit.h"

namespace mirror {

asio::awaitable<base::Result<void>> execute_all(Client& client, std::vector<imap::Command> commands,
                                                Client::Sink sink) {
  base::Result<void> out;
  std::deque<Client::Ticket> tickets;
  std::size_t begun = 0;
  while (begun < commands.size() || !tickets.empty()) {
    if (begun < commands.size() && tickets.size() < kInFlight) {
      tickets.push_back(co_await client.begin(commands[begun++], sink));
      continue;
    }
    const auto answer = co_await client.end(tickets.front());
    tickets.pop_front();
    if (!answer.is_ok() && out) out = std::unexpected(refusal_of(answer));
    if (stopped_at(answer) && out)
      out = base::refuse(base::Reason::Limit, client.server() + " does only a part at once: " + answer.text);
  }
  co_return out;
}

}  // namespace mirror
