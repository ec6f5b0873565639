// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Client, its beginning: TLS, login, compression.
#include <algorithm>
#include <utility>

#include "proto/base64.h"
#include "proto/transport/deflate_stream.h"
#include "sync/client/client.h"
#include "sync/client/client_watch.h"
#include "sync/client/refused_login.h"

namespace mirror {

namespace {
// For the answer to a command that went with the login, once that is answered: some servers drop it (Cyrus 3.6).
constexpr std::chrono::seconds kDropped{3};
}  // namespace

asio::awaitable<void> Client::start_tls(const transport::Connection::Wrap& wrap) {
  const auto answer = co_await execute(imap::StarttlsCommand{});
  if (!answer.is_ok()) fail(base::Reason::Unsupported, "refuses STARTTLS: " + answer.text);
  if (connection_.has_unread_input())
    fail(base::Reason::Failed, "sent something between STARTTLS and TLS: somebody may be listening in");
  connection_.upgrade([&](std::unique_ptr<transport::Stream> below) { return trace_.over(wrap(std::move(below))); });
  capabilities_.clear();
  knows_capabilities_ = false;
}

asio::awaitable<Client::Ticket> Client::begin_plain(std::string initial) {
  if (can("SASL-IR")) co_return co_await begin(imap::AuthenticateCommand{"PLAIN", std::move(initial)});
  const auto ticket = co_await begin(imap::AuthenticateCommand{"PLAIN", std::nullopt});
  co_await wait_for_continue(ticket);
  if (const auto* pending = find(ticket); pending && !pending->status)
    connection_.output() += imap::encode_base64(initial) + "\r\n";
  co_return ticket;
}

asio::awaitable<Client::Ticket> Client::begin_login(const std::string& user, const base::Secret& password,
                                                    const std::vector<std::string>& mechanisms) {
  const auto usable = std::ranges::find_if(mechanisms, [&](const std::string& name) {
    return name == "PLAIN" ? can("AUTH=PLAIN") : name == "LOGIN" && !can("LOGINDISABLED");
  });
  if (usable == mechanisms.end())
    fail(base::Reason::Unsupported, can("LOGINDISABLED")
                                        ? "allows no login on this connection (LOGINDISABLED): use TLS"
                                        : "offers none of the login mechanisms that are allowed (option auth)");
  knows_capabilities_ = false;
  if (*usable != "PLAIN") co_return co_await begin(imap::LoginCommand{user, password});
  co_return co_await begin_plain(std::string(1, '\0') + user + std::string(1, '\0') + password.reveal());
}

asio::awaitable<void> Client::log_in(const std::string& user, const base::Secret& password,
                                     const std::vector<std::string>& mechanisms, bool compressing) {
  co_await know_capabilities();
  const auto ticket = co_await begin_login(user, password, mechanisms);
  std::optional<Ticket> compression;
  if (compressing) compression = co_await begin(imap::CompressCommand{"DEFLATE"});
  const auto answer = co_await end(ticket);
  if (!answer.is_ok()) {
    fail(is_refused_for_a_while(answer) ? base::Reason::Failed : base::Reason::Authentication,
         "refuses the login of " + user + ": " + answer.text);
  }
  become_authenticated();
  if (compression) {
    const auto patience = std::exchange(watch_->patience, std::min(watch_->patience, kDropped));
    co_await end_compression(*compression);
    watch_->patience = patience;
  }
  co_await know_capabilities();
}

asio::awaitable<void> Client::end_compression(Ticket ticket) {
  const auto answer = co_await end(ticket);
  if (!answer.is_ok()) co_return;
  connection_.upgrade_keeping_input([this](std::unique_ptr<transport::Stream> below) {
    return trace_.over(transport::make_deflate_stream(std::move(below)));
  });
  compressed_ = true;
}

asio::awaitable<void> Client::compress() {
  if (compressed_ || !can("COMPRESS=DEFLATE")) co_return;
  const auto ticket = co_await begin(imap::CompressCommand{"DEFLATE"});
  co_await end_compression(ticket);
}

}  // namespace mirror
