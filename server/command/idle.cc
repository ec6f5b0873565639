// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/post.hpp>
#include <asio/redirect_error.hpp>
#include <asio/use_awaitable.hpp>

#include "server/session.h"

namespace server {

// IDLE (RFC 2177). While the session reads, the change feed posts; each news is told by notify(), beside the reading.
Session::Answer Session::on(imap::IdleCommand&) {
  idling_ = true;
  if (view_) {
    feed_ = view_->mailbox().subscribe([weak = weak_from_this(), executor = connection_.stream().executor()] {
      asio::post(executor, [weak] {
        if (const auto self = weak.lock(); self && self->idling_)
          asio::co_spawn(self->connection_.stream().executor(), self->notify(), asio::detached);
      });
    });
  }
  connection_.output() += "+ idling\r\n";
  if (view_) co_await report(true);  // what came before the subscription
  co_await connection_.flush();
  auto line = co_await read_frame();
  idling_ = false;
  feed_.reset();
  while (notifying_) {
    asio::error_code ended;
    notified_.expires_at(asio::steady_timer::time_point::max());
    co_await notified_.async_wait(asio::redirect_error(asio::use_awaitable, ended));
  }
  if (!line) co_return imap::StatusResponse::ok("Idle completed.");  // nobody hears it
  if (!imap::equal_ignoring_case(line->text, "DONE")) co_return imap::StatusResponse::bad("Expected DONE.");
  co_return imap::StatusResponse::ok("Idle completed.");
}

asio::awaitable<void> Session::notify() {
  if (notifying_ || !idling_) co_return;  // the one under way sees this news as well
  const auto self = shared_from_this();
  notifying_ = true;
  try {
    co_await report(true);
    put_alerts();
    while (idling_ && !connection_.output().empty()) {
      co_await connection_.flush();
      co_await report(true);
    }
  } catch (const std::exception&) {  // the client is gone: reading ends as well
  }
  notifying_ = false;
  notified_.cancel();
}

}  // namespace server
