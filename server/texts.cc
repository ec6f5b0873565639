// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Waiting for texts that are not here yet (store::TextElsewhere): no thread is held, the mailbox's feed tells when to
// look again.
#include <asio/post.hpp>
#include <asio/redirect_error.hpp>
#include <asio/use_awaitable.hpp>

#include <algorithm>

#include "server/session.h"

namespace server {

namespace {

imap::UidSet elsewhere(const store::Mailbox& mailbox, const imap::UidSet& among) {
  imap::UidSet out;
  for (const auto& message : mailbox.messages(among))
    if (message.elsewhere) out.add(message.uid);
  return out;
}

}  // namespace

// False: none of them came for so long that the command is to go on without them. One that is gone is waited for no
// more.
asio::awaitable<bool> Session::texts_come(imap::UidSet uids) {
  start_flush();
  const auto& mailbox = view_->mailbox();
  const auto executor = connection_.stream().executor();
  const auto watching = view_->mailbox().subscribe([weak = weak_from_this(), executor] {
    asio::post(executor, [weak] {
      if (const auto self = weak.lock()) self->news_.cancel();
    });
  });
  const auto limit = context_.limits.text_wait;
  auto end = std::chrono::steady_clock::now() + limit;
  for (uids = elsewhere(mailbox, uids); !uids.empty();) {
    if (stopping_ || std::chrono::steady_clock::now() >= end) co_return false;
    news_.expires_at(end);
    asio::error_code ignored;
    co_await news_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    auto left = elsewhere(mailbox, uids);
    if (left.size() < uids.size()) end = std::chrono::steady_clock::now() + limit;
    uids = std::move(left);
  }
  co_return true;
}

imap::StatusResponse Session::texts_are_elsewhere() {
  return imap::StatusResponse::no("The text of some messages has not come from their server yet; try again later.")
      .with(imap::ResponseCode::Kind::Unavailable);
}

}  // namespace server
