// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "sync/client/silent_server.h"

#include <asio/steady_timer.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>

#include <exception>
#include <memory>
#include <string>

#include "proto/transport/dial.h"
#include "proto/transport/tls_stream.h"
#include "sync/started.h"

namespace mirror {

namespace {

constexpr std::chrono::seconds kSilence{3}, kProbe{5};

// Lives as long as the one of both that lives longer: who waits for the greeting, and who looks for TLS.
struct Search {
  std::string host, port;
  Client* client = nullptr;  // nullptr: the greeting is there, or never comes
  bool found = false;
};

asio::awaitable<void> shake_hands(const Search& search) {
  const auto executor = co_await asio::this_coro::executor;
  transport::TlsClientOptions options;
  options.host = search.host;
  options.verify = false;
  auto end = co_await transport::dial_tcp(search.host, search.port, kProbe);
  const std::shared_ptr<transport::TlsStream> tls = transport::make_tls_client(std::move(end), options);
  asio::steady_timer timer(executor, kProbe);
  timer.async_wait([tls](asio::error_code error) {
    if (!error) tls->close();
  });
  co_await tls->handshake();
}

// Throws whatever stands against TLS; nobody listens.
asio::awaitable<void> look_for_tls(std::shared_ptr<Search> search) {
  asio::steady_timer timer(co_await asio::this_coro::executor, kSilence);
  co_await timer.async_wait(asio::use_awaitable);
  co_await shake_hands(*search);
  if (search->client == nullptr) co_return;
  search->found = true;
  search->client->close();
}

}  // namespace

asio::awaitable<void> read_greeting_or_find_tls(Client& client, const ServerConfig& config) {
  const auto search = std::make_shared<Search>(config.host, config.port, &client);
  const auto executor = co_await asio::this_coro::executor;
  Started probe;
  probe.start(executor, look_for_tls(search));
  std::exception_ptr fault;
  try {
    co_await client.read_greeting();
  } catch (...) {
    fault = std::current_exception();
  }
  search->client = nullptr;
  probe.cancel();  // not joined: it knows nothing but the search
  if (search->found)
    throw Failure(base::Reason::Configuration,
                  "[" + config.section + "] " + config.host + " speaks TLS on port " + config.port +
                      " from the beginning: write type = imaps, or the port for type = imap, mostly 143");
  if (fault) std::rethrow_exception(fault);
}

}  // namespace mirror
