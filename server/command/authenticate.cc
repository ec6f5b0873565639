// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "proto/base64.h"
#include "server/session.h"

namespace server {

// AUTHENTICATE (RFC 9051 section 6.2.2, RFC 4959); PLAIN (RFC 4616): authzid NUL authcid NUL password.
Session::Answer Session::on(imap::AuthenticateCommand& command) {
  if (command.mechanism != "PLAIN")
    co_return imap::StatusResponse::no("Unsupported authentication mechanism.").with(imap::ResponseCode::Kind::Cannot);
  auto response = command.initial;
  if (!response) {
    const auto line = co_await ask("");
    if (!line || *line == "*") co_return imap::StatusResponse::bad("Authentication cancelled.");
    response = imap::decode_base64(*line);
    if (!response) co_return imap::StatusResponse::bad("Invalid base64 data.");
  }
  const auto first = response->find('\0');
  const auto second = first == std::string::npos ? first : response->find('\0', first + 1);
  if (second == std::string::npos) co_return imap::StatusResponse::bad("Invalid PLAIN response.");
  const auto authzid = response->substr(0, first), user = response->substr(first + 1, second - first - 1);
  if (!authzid.empty() && authzid != user)
    co_return imap::StatusResponse::no("Nobody may act for somebody else here.")
        .with(imap::ResponseCode::Kind::AuthorizationFailed);
  co_return co_await log_in(user, base::Secret(response->substr(second + 1)));
}

// One line of the client's in the middle of a command.
asio::awaitable<std::optional<std::string>> Session::ask(std::string_view challenge) {
  connection_.output() += "+ " + imap::encode_base64(challenge) + "\r\n";
  co_await connection_.flush();
  auto frame = co_await read_frame();
  if (!frame) co_return std::nullopt;
  co_return std::move(frame->text);
}

}  // namespace server
