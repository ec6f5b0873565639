// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "server/session.h"

namespace server {

// COPY and UID COPY (RFC 9051 section 6.4.7)
Session::Answer Session::on(imap::CopyCommand& command) {
  co_return co_await copy_or_move(command.messages, command.mailbox, false);
}

// MOVE differs in where COPYUID stands: before the expunges, untagged (RFC 6851 section 4.3).
Session::Answer Session::copy_or_move(const imap::MessageSet& messages, const imap::MailboxName& to, bool move) {
  if (move && view_->read_only())
    co_return imap::StatusResponse::no("Mailbox is read-only.").with(imap::ResponseCode::Kind::ReadOnly);
  view_->refresh();
  const auto numbers = view_->resolve(messages);
  if (!numbers) co_return imap::StatusResponse::bad("Invalid message set.");
  auto uids = view_->uids(*numbers);
  if (messages.by == imap::MessageSet::By::Uid || messages.set.saved) uids = uids.minus(view_->unreported_expunges());
  const auto target = co_await destination(named(to));
  if (!target) {
    auto refusal = imap::StatusResponse::no(target.error());
    if (target.error().reason == base::Reason::NoSuchMailbox) refusal.code = imap::ResponseCode::Kind::TryCreate;
    co_return refusal;
  }
  if (uids.empty()) co_return imap::StatusResponse::ok("No messages found.");
  auto copied = co_await work_on_texts([&] {
    auto& from = view_->mailbox();
    return move ? from.move_to(uids, **target, {}, client_) : from.copy_to(uids, **target, {}, client_);
  });
  if (!copied) co_return imap::StatusResponse::no(copied.error());
  std::optional<imap::ResponseCode> code;
  if (!copied->from.empty())
    code = imap::ResponseCode(
        imap::ResponseCode::Kind::CopyUid,
        imap::ResponseCode::CopiedUids{copied->uid_validity, std::move(copied->from), std::move(copied->to)});
  if (!move) co_return imap::StatusResponse{imap::StatusResponse::Kind::Ok, std::move(code), "Copy completed."};
  if (code) put(imap::StatusResponse{imap::StatusResponse::Kind::Ok, std::move(code), "Moved UIDs."});
  co_return imap::StatusResponse::ok("Move completed.");
}

asio::awaitable<base::Result<std::shared_ptr<store::Mailbox>>> Session::destination(const imap::MailboxName& name) {
  if (view_ && view_->mailbox().name() == name && !view_->mailbox().is_deleted()) co_return view_->shared_mailbox();
  co_return co_await work([this, name] { return context_.store->open_mailbox(name); });
}

}  // namespace server
