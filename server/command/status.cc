// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "proto/response/status.h"
#include "server/session.h"

namespace server {

namespace {

// May wait for the disk.
imap::MailboxStatusResponse status_of(const imap::MailboxName& name, store::Mailbox& mailbox,
                                      const imap::StatusItems& items, std::uint64_t append_limit) {
  imap::MailboxStatusResponse out;
  const auto now = mailbox.status();
  out.mailbox = name;
  if (items.messages) out.messages = now.messages;
  if (items.recent) out.recent = now.recent;
  if (items.uid_next) out.uid_next = now.uid_next;
  if (items.uid_validity) out.uid_validity = now.uid_validity;
  if (items.unseen) out.unseen = now.unseen;
  if (items.highest_modseq) out.highest_modseq = now.highest_modseq;
  if (items.size) out.size = mailbox.size();
  if (items.deleted) out.deleted = now.deleted;
  if (items.mailbox_id) out.mailbox_id = now.mailbox_id;
  if (items.append_limit) out.append_limit = append_limit;
  return out;
}

}  // namespace

// STATUS (RFC 9051 section 6.3.11, RFC 7889, RFC 8438)
Session::Answer Session::on(imap::StatusCommand& command) {
  const auto name = named(command.mailbox);
  const auto mailbox = co_await destination(name);
  if (!mailbox) co_return imap::StatusResponse::no(mailbox.error());
  if (command.items.highest_modseq) enable_condstore();
  auto out = co_await work([&] {
    (*mailbox)->check();
    return status_of(name, **mailbox, command.items, context_.limits.frames.literal);
  });
  if (view_ && out.recent && view_->shared_mailbox() == *mailbox) *out.recent += view_->recent_count();
  put_response(out);
  co_return imap::StatusResponse::ok("Status completed.");
}

// LIST-STATUS (RFC 5819)
asio::awaitable<void> Session::put_status_line(const imap::MailboxName& name, imap::StatusItems items) {
  auto line = co_await work([&]() -> std::optional<imap::MailboxStatusResponse> {
    const auto mailbox = context_.store->open_mailbox(name);
    if (!mailbox) return std::nullopt;
    return status_of(name, **mailbox, items, context_.limits.frames.literal);
  });
  if (line) put_response(*line);
}

}  // namespace server
