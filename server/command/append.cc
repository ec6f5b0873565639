// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include <span>
#include <utility>

#include "server/session.h"

namespace server {

namespace {

store::NewMessage new_message(imap::AppendCommand::Message& message) {
  return {.data = std::move(message.data),
          .flags = std::move(message.flags),
          .internal_date = message.internal_date ? std::optional(message.internal_date->unix_seconds) : std::nullopt};
}

imap::StatusResponse appended(imap::UidValidity validity, std::span<const imap::Uid> uids) {
  imap::UidSet set;
  for (const auto uid : uids) set.add(uid);
  return imap::StatusResponse::ok("Append completed.")
      .with({imap::ResponseCode::Kind::AppendUid, imap::ResponseCode::AppendedUids{validity, std::move(set)}});
}

bool is_single(const imap::AppendCommand& append) {
  return append.messages.size() == 1 && append.messages[0].data.size() > 0;
}

}  // namespace

// APPEND and MULTIAPPEND (RFC 9051 section 6.3.12, RFC 3502): all messages of a command or none.
Session::Answer Session::on(imap::AppendCommand& command) {
  for (const auto& message : command.messages)
    if (message.data.size() == 0) co_return imap::StatusResponse::no("Can't save a zero byte message.");
  const auto mailbox = co_await destination(named(command.mailbox));
  if (!mailbox) {
    auto refusal = imap::StatusResponse::no(mailbox.error());
    if (mailbox.error().reason == base::Reason::NoSuchMailbox) refusal.code = imap::ResponseCode::Kind::TryCreate;
    co_return refusal;
  }
  std::vector<store::NewMessage> messages;
  for (auto& message : command.messages) messages.push_back(new_message(message));
  const auto uids = co_await work([&] { return (*mailbox)->append(messages, {}, client_); });
  if (!uids) co_return imap::StatusResponse::no(uids.error());
  co_return appended((*mailbox)->status().uid_validity, *uids);
}

// A client that pipelines APPENDs gets one durable commit for all that are here already; each command is answered for
// itself. When the group is refused, they are tried one by one, so that one message's fault is not another's.
asio::awaitable<void> Session::append_group(imap::TaggedCommand& first) {
  std::vector<imap::TaggedCommand> group;
  group.push_back(std::move(first));
  co_await collect_appends(group);
  if (group.size() > 1 && co_await append_together(group)) co_return;
  for (auto& tagged : group) {
    tag_ = tagged.tag;
    auto status = co_await on(std::get<imap::AppendCommand>(tagged.command));
    co_await finish(tagged, std::move(status));
  }
}

asio::awaitable<void> Session::collect_appends(std::vector<imap::TaggedCommand>& group) {
  const auto& first = std::get<imap::AppendCommand>(group[0].command);
  if (!is_single(first)) co_return;
  const auto mailbox = first.mailbox;
  std::uint64_t octets = first.messages[0].data.size();
  while (group.size() < context_.limits.append_group && octets < context_.limits.append_group_octets) {
    if (!connection_.has_frame()) break;
    const auto frame = co_await read_frame();
    if (!frame) break;
    ahead_ = imap::parse_command(*frame);
    auto* tagged = std::get_if<imap::TaggedCommand>(&*ahead_);
    auto* append = tagged ? std::get_if<imap::AppendCommand>(&tagged->command) : nullptr;
    if (!append || !is_single(*append) || append->mailbox != mailbox) break;
    octets += append->messages[0].data.size();
    group.push_back(std::move(*tagged));
    ahead_.reset();
  }
}

asio::awaitable<bool> Session::append_together(std::vector<imap::TaggedCommand>& group) {
  const auto mailbox = co_await destination(named(std::get<imap::AppendCommand>(group[0].command).mailbox));
  if (!mailbox) co_return false;
  std::vector<store::NewMessage> messages;
  for (auto& tagged : group) messages.push_back(new_message(std::get<imap::AppendCommand>(tagged.command).messages[0]));
  const auto uids = co_await work([&] { return (*mailbox)->append(messages, {}, client_); });
  if (!uids) {
    for (std::size_t i = 0; i < group.size(); ++i)
      std::get<imap::AppendCommand>(group[i].command).messages[0] = {
          .flags = std::move(messages[i].flags),
          .internal_date = messages[i].internal_date
                               ? std::optional(imap::DateTime{.unix_seconds = *messages[i].internal_date})
                               : std::nullopt,
          .data = std::move(messages[i].data)};
    co_return false;
  }
  const auto validity = (*mailbox)->status().uid_validity;
  if (view_) co_await report(true);
  commands_ += group.size() - 1;
  for (std::size_t i = 0; i < group.size(); ++i) put(group[i].tag, appended(validity, std::span(*uids).subspan(i, 1)));
  co_return true;
}

}  // namespace server
