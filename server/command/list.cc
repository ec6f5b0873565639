// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "proto/response/list.h"
#include "server/list_rules.h"
#include "server/session.h"

namespace server {

// LIST (RFC 9051 section 6.3.9, RFC 5258, RFC 5819, RFC 6154)
Session::Answer Session::on(imap::ListCommand& command) {
  const auto delimiter = context_.store->delimiter();
  if (command.patterns.size() == 1 && command.patterns[0].empty() && !command.extended) {
    put_response(list_root(delimiter, false));
    co_return imap::StatusResponse::ok("List completed.");
  }
  if (command.select.recursive_match && !command.select.subscribed && !command.select.special_use)
    co_return imap::StatusResponse::bad("RECURSIVEMATCH needs another selection option.");
  const auto listing = co_await work(
      [&] { return Listing(context_.store->list(), NamePatterns(command.reference, command.patterns, delimiter)); });
  for (std::size_t i = 0; i < listing.entries.size(); ++i) {
    const auto& entry = listing.entries[i];
    if (!listing.matches[i]) continue;
    const bool chosen = is_chosen(entry, command.select);
    const auto below =
        command.select.recursive_match ? chosen_below(listing, i, command.select, delimiter) : ChildInfo{};
    if (!chosen && below.empty()) continue;
    imap::ListResponse line;
    line.attributes = list_attributes(entry, command);
    line.delimiter = delimiter;
    line.name = entry.name;
    line.child_info = below;
    put_response(line);
    if (command.returns && command.returns->status && entry.exists && entry.selectable && chosen)
      co_await put_status_line(entry.name, *command.returns->status);
    co_await connection_.drain();
  }
  co_return imap::StatusResponse::ok("List completed.");
}

}  // namespace server
