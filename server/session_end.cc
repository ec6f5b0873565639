// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// How a session ends other than by LOGOUT: the stop signal, inactivity, and a client that takes nothing.
#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>

#include "server/session.h"

namespace server {

void Session::on_stop() {
  if (ended_) return;
  stopping_ = true;
  news_.cancel();
  if (reading_)
    farewell(context_.stop->text());
  else
    close_after(std::chrono::milliseconds(700));  // busy: converse() says BYE behind the command under way
}

std::chrono::seconds Session::inactivity_limit() const {
  return state_ == imap::State::NotAuthenticated ? context_.limits.login_timeout : context_.limits.idle_timeout;
}

void Session::watch_inactivity() {
  const auto limit = inactivity_limit();
  if (limit.count() == 0 || ended_) return;
  const auto now = std::chrono::steady_clock::now();
  const auto next = last_active_ + limit;
  inactivity_.expires_at(next > now ? next : now + limit);
  inactivity_.async_wait([weak = weak_from_this()](asio::error_code error) {
    const auto self = weak.lock();
    if (error || !self) return;
    const bool silent = std::chrono::steady_clock::now() - self->last_active_ >= self->inactivity_limit();
    const bool exempt = self->idling_ && !self->context_.limits.times_out_in_idle;
    // Before the login a client that does not take what we say, or that keeps TLS waiting, is silent as well.
    const bool waiting = self->reading_ || self->state_ == imap::State::NotAuthenticated;
    if (silent && waiting && !exempt)
      self->farewell("Disconnected for inactivity.");
    else
      self->watch_inactivity();
  });
}

void Session::farewell(std::string text) {
  if (ended_) return;
  ended_ = true;
  put(imap::StatusResponse::bye(std::move(text)));
  close_after(std::chrono::milliseconds(700));
  auto go = [](std::shared_ptr<Session> self) -> asio::awaitable<void> {
    try {
      co_await self->connection_.flush();
    } catch (const std::exception&) {  // the client is gone
    }
    self->connection_.close();
  };
  asio::co_spawn(connection_.stream().executor(), go(shared_from_this()), asio::detached);
}

void Session::close_after(std::chrono::milliseconds grace) {
  grace_.expires_after(grace);
  grace_.async_wait([weak = weak_from_this()](asio::error_code error) {
    if (const auto self = weak.lock(); self && !error) self->connection_.close();
  });
}

}  // namespace server
