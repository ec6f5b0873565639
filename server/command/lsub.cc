// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include <map>

#include "proto/response/list.h"
#include "server/list_rules.h"
#include "server/session.h"

namespace server {

namespace {

// The names to be told; true: subscribed itself.
std::map<imap::MailboxName, bool> subscribed_lines(const std::vector<store::MailboxEntry>& entries,
                                                   const NamePatterns& patterns, char delimiter) {
  std::map<imap::MailboxName, bool> lines;
  for (const auto& entry : entries) {
    if (!entry.subscribed) continue;
    if (patterns.matches(entry.name)) {
      lines[entry.name] = true;
      continue;
    }
    for (auto parent = entry.name.parent(delimiter); parent; parent = parent->parent(delimiter))
      if (patterns.matches(*parent)) lines.emplace(*parent, false);
  }
  return lines;
}

}  // namespace

// LSUB (RFC 3501 section 6.3.9). A parent that '%' matches is told, as \Noselect, for a subscribed name below it.
Session::Answer Session::on(imap::LsubCommand& command) {
  const auto delimiter = context_.store->delimiter();
  if (command.pattern.empty()) {
    put_response(list_root(delimiter, true));
    co_return imap::StatusResponse::ok("Lsub completed.");
  }
  const auto lines = co_await work([&] {
    return subscribed_lines(context_.store->list(), NamePatterns(command.reference, {command.pattern}, delimiter),
                            delimiter);
  });
  for (const auto& [name, subscribed] : lines) {
    imap::ListResponse line;
    line.lsub = true;
    line.delimiter = delimiter;
    line.name = name;
    if (!subscribed) line.attributes.emplace_back("\\Noselect");
    put_response(line);
  }
  co_return imap::StatusResponse::ok("Lsub completed.");
}

}  // namespace server
