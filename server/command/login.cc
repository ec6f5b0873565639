// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include <asio/redirect_error.hpp>
#include <asio/use_awaitable.hpp>

#include <algorithm>

#include "server/session.h"

namespace server {

// LOGIN (RFC 9051 section 6.2.3)
Session::Answer Session::on(imap::LoginCommand& command) { co_return co_await log_in(command.user, command.password); }

// AUTHENTICATE PLAIN ends here as well. The password is never logged, and a wrong one costs time.
Session::Answer Session::log_in(std::string user, base::Secret password) {
  if (context_.login_disabled && !context_.tls_active)
    co_return imap::StatusResponse::no("Passwords are not taken on a connection without TLS.")
        .with(imap::ResponseCode::Kind::PrivacyRequired);
  const bool accepted = co_await work([&] { return context_.authenticator->accepts(user, password); });
  if (accepted) {
    authenticated(user);
    co_return imap::StatusResponse::ok("Logged in").with(capability_code());
  }
  context_.log.warning("login refused", {{"user", user}});
  auto wait = context_.limits.login_delay;
  if (context_.visit) wait = std::max(wait, context_.visit->wrong_password());
  asio::steady_timer delay(connection_.stream().executor(), wait);
  asio::error_code ignored;
  co_await delay.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  if (++login_failures_ >= context_.limits.login_failures) {
    put(imap::StatusResponse::bye("Too many wrong passwords."));
    state_ = imap::State::Logout;
  }
  co_return imap::StatusResponse::no("Authentication failed.").with(imap::ResponseCode::Kind::AuthenticationFailed);
}

}  // namespace server
