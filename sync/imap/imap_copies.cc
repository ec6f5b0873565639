// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "sync/imap/imap_copies.h"

#include <algorithm>
#include <utility>
#include <variant>
#include <vector>

#include "sync/imap/imap_refusal.h"
#include "sync/imap/imap_stream.h"
#include "sync/imap/message_limit.h"
#include "sync/imap/uid_search.h"

namespace mirror {

namespace {

using CopiedUids = imap::ResponseCode::CopiedUids;

const CopiedUids* copied_of(const imap::StatusResponse& status) {
  return status.code ? std::get_if<CopiedUids>(&status.code->payload) : nullptr;
}

// False: it cannot be what was done.
bool take(const CopiedUids& said, const imap::UidSet& asked, CopyOutcome& out) {
  if (said.from.size() != said.to.size() || (out.validity && !(*out.validity == said.validity))) return false;
  imap::UidSet copies;
  for (const auto& [original, copy] : out.copies) copies.add(copy);
  for (std::size_t i = 0; i < said.from.size(); ++i) {
    if (!asked.contains(said.from[i]) || copies.contains(said.to[i])) return false;
    if (!out.copies.emplace(said.from[i], said.to[i]).second) return false;
    copies.add(said.to[i]);
  }
  out.validity = said.validity;
  return true;
}

}  // namespace

asio::awaitable<CopyOutcome> copy_there(Client& client, imap::UidSet uids, imap::MailboxName to, Manner manner) {
  CopyOutcome out;
  bool believed = true;
  for (const auto& part : split(uids, to.utf8().size() * 2, most_messages(client))) {
    std::vector<CopiedUids> said;
    imap::Command command;
    if (manner == Manner::Move)
      command = imap::MoveCommand{by_uid(part), to};
    else
      command = imap::CopyCommand{by_uid(part), to};
    const auto answer = co_await client.execute(command, [&](imap::Response& response) {
      const auto* status = std::get_if<imap::TaggedResponse>(&response);
      const auto* copied = status == nullptr ? nullptr : copied_of(status->status);
      if (copied && said.size() < part.size()) said.push_back(*copied);
    });
    if (const auto* copied = copied_of(answer)) said.push_back(*copied);
    for (const auto& one : said) believed = believed && take(one, part, out);
    if (!answer.is_ok()) {
      out.refusal = refusal_of_append(answer);  // it may be over quota
      break;
    }
    out.done.add(part);
  }
  if (!believed) out.copies.clear();
  if (!believed) out.validity.reset();
  co_return out;
}

asio::awaitable<base::Result<imap::UidSet>> search_from(Client& client, imap::Uid first) {
  co_await client.execute(imap::NoopCommand{});  // what was just copied is shown from here on
  imap::SearchCommand search;
  search.key.kind = imap::SearchKey::Kind::Messages;
  search.key.messages.by = imap::MessageSet::By::Uid;
  search.key.messages.set.ranges = {{first.value, 0}};
  if (client.can("ESEARCH")) {
    search.returns.emplace();
    search.returns->all = true;
  }
  auto found = co_await search_uids(client, std::move(search));
  // "5:*" is the last message too, whatever its UID.
  if (found && first.value > 1) found = found->minus(imap::UidSet::between(imap::Uid(1), imap::Uid(first.value - 1)));
  co_return found;
}

}  // namespace mirror
