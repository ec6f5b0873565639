// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "sync/client/connect.h"

#include <asio/buffer.hpp>
#include <asio/this_coro.hpp>

#include <algorithm>
#include <memory>
#include <string>
#include <system_error>
#include <utility>

#include "proto/transport/deadline.h"
#include "proto/transport/dial.h"
#include "proto/transport/listen.h"
#include "proto/transport/socks.h"
#include "proto/transport/tls_stream.h"
#include "sync/client/password_command.h"
#include "sync/client/silent_server.h"

namespace mirror {

namespace {

constexpr std::chrono::seconds kDialPatience{30};

transport::TlsClientOptions tls_options(const ServerConfig& config) {
  transport::TlsClientOptions out;
  // Named or not to the server, the host is what the certificate is compared with.
  out.tells_host = config.tls_host_name != "";
  out.host = config.tls_host_name.value_or("").empty() ? config.host : *config.tls_host_name;
  out.verify = config.verify;
  out.ca_file = config.ca_file;
  out.ca_path = config.ca_path;
  out.fingerprints = config.fingerprints;
  out.protocol_min = config.protocol_min;
  out.protocol_max = config.protocol_max;
  out.ciphers = config.ciphers;
  out.cipher_suites = config.cipher_suites;
  return out;
}

// What it wants before it says a word (authorities, ciphers) comes from the configuration.
std::unique_ptr<transport::TlsStream> make_tls(std::unique_ptr<transport::Stream> below, const ServerConfig& config) {
  try {
    return transport::make_tls_client(std::move(below), tls_options(config));
  } catch (const transport::TlsError& error) {
    throw Failure(base::Reason::Configuration, "[" + config.section + "] " + error.what());
  }
}

asio::awaitable<std::unique_ptr<transport::Stream>> dial_by_proxy(const ServerConfig& config) {
  const auto& proxy = *config.proxy;
  const auto through =
      config.host + " port " + config.port + " through the proxy " + proxy.host + " port " + proxy.port;
  try {
    co_return co_await transport::dial_through({proxy.host, proxy.port, proxy.user, proxy.password, proxy.resolves},
                                               config.host, config.port, kDialPatience);
  } catch (const transport::ProxyError& error) {
    throw Failure(base::Reason::ConnectionLost, "cannot connect to " + through + ": " + error.what());
  } catch (const std::system_error& error) {
    throw Failure(base::Reason::ConnectionLost, "cannot connect to " + through + ": " + error.code().message());
  }
}

asio::awaitable<std::unique_ptr<transport::Stream>> dial(const ServerConfig& config, GivenPassword* given) {
  if (config.type == ServerConfig::Type::Tunnel) {
    const auto executor = co_await asio::this_coro::executor;
    const auto environment = given != nullptr ? given->environment : std::vector<std::string>();
    co_return transport::dial_tunnel(executor, config.command, config.null_stderr, environment);
  }
  if (config.proxy) co_return co_await dial_by_proxy(config);
  try {
    co_return co_await transport::dial_tcp(config.host, config.port, kDialPatience);
  } catch (const std::system_error& error) {
    throw Failure(base::Reason::ConnectionLost, "cannot connect to " + std::string(error.what()));
  }
}

// Of what OpenSSL says when it reads "* OK hello".
std::string hint_for(std::string_view trouble) {
  if (trouble.find("wrong version number") == trouble.npos && trouble.find("packet length too long") == trouble.npos)
    return {};
  return " (the server does not speak TLS there from the beginning: write type = imap, which uses STARTTLS, or the "
         "port for imaps, mostly 993)";
}

// Never more than a person has to find out: whoever listens in shows a key too.
std::string how_to_trust(const transport::TlsError& error, const ServerConfig& config) {
  if (error.key.empty()) return {};
  return "; its key is " + error.key + ". If its owner tells you that this is the server's key, accept it in [" +
         config.section + "] with `SSL_fingerprint = " + error.key + "`" +
         (config.verify && !error.verified ? " and `SSL_verify = NO`" : "");
}

asio::awaitable<void> handshake(transport::TlsStream& tls, const ServerConfig& config) {
  const auto server = config.shown();
  const transport::Deadline deadline(tls, kDialPatience);
  std::string why;
  try {
    co_await tls.handshake();
  } catch (const transport::TlsError& error) {
    throw Failure(base::Reason::NotPermitted,
                  server + ": TLS: " + error.what() + hint_for(error.what()) + how_to_trust(error, config));
  } catch (const std::system_error& error) {
    why = error.code().message();
  }
  if (deadline.has_passed()) why = "no answer";
  if (!why.empty()) throw Failure(base::Reason::ConnectionLost, server + ": TLS: " + why);
}

asio::awaitable<void> secure(Client& client, const ServerConfig& config) {
  if (config.type != ServerConfig::Type::Imap || !config.start_tls) co_return;
  if (client.is_authenticated())
    throw Failure(base::Reason::NotPermitted,
                  client.server() +
                      " is logged in before TLS (PREAUTH), so STARTTLS cannot be used: somebody may be "
                      "listening in");
  co_await client.know_capabilities();
  if (!client.can("STARTTLS"))
    throw Failure(base::Reason::Unsupported,
                  client.server() + " does not offer STARTTLS; say STARTTLS = NO if it may be unencrypted");
  transport::TlsStream* tls = nullptr;
  co_await client.start_tls([&](std::unique_ptr<transport::Stream> below) {
    auto made = make_tls(std::move(below), config);
    tls = made.get();
    return std::unique_ptr<transport::Stream>(std::move(made));
  });
  co_await handshake(*tls, config);
}

}  // namespace

bool is_fast_link(const ServerConfig& config) {
  if (config.proxy) return false;
  return config.type == ServerConfig::Type::Tunnel || transport::is_loopback(config.host);
}

bool compresses(const ServerConfig& config, Purpose purpose) {
  return config.compress.value_or(purpose == Purpose::Control || !is_fast_link(config));
}

// It costs no turn, but octets: a pass that finds nothing to do does without.
asio::awaitable<void> introduce(Connected& connected) {
  if (std::exchange(connected.introduced, true) || !connected.client->can("ID")) co_return;
  co_await connected.client->begin_unattended(imap::IdCommand{{{"name", "postern"}}});
}

namespace {

// The stream is metered below TLS.
asio::awaitable<std::unique_ptr<Client>> greet(const ServerConfig& config, const ConnectionUse& use) {
  auto end = co_await dial(config, use.given);
  auto metered = std::make_unique<MeteredStream>(std::move(end), use.traffic);
  auto* meter = metered.get();
  std::unique_ptr<transport::Stream> stream = std::move(metered);
  ClientOptions options;
  options.server = config.shown();
  options.log = use.log;
  options.spool = use.spool;
  options.workers = use.workers;
  options.trace = use.trace;
  if (config.type == ServerConfig::Type::Imaps) {
    auto tls = make_tls(std::move(stream), config);
    co_await handshake(*tls, config);
    stream = std::move(tls);
  }
  auto client = std::make_unique<Client>(std::move(stream), *meter, std::move(options));
  if (config.type == ServerConfig::Type::Imap && !config.proxy)  // a look for TLS would go around the proxy
    co_await read_greeting_or_find_tls(*client, config);
  else
    co_await client->read_greeting();
  co_await secure(*client, config);
  co_return client;
}

asio::awaitable<void> log_in(Client& client, const ServerConfig& config, GivenPassword* given, bool compressing) {
  if (client.is_authenticated()) co_return;
  if (config.username.empty())
    throw Failure(base::Reason::Configuration,
                  "[" + config.section + "] has no username, and " + client.server() + " wants a login");
  auto password = config.password;
  if (!config.password_command.empty()) {
    GivenPassword own;
    password = co_await (given != nullptr ? *given : own).get(config);
  }
  try {
    co_await client.log_in(config.username, password, config.auth, compressing);
  } catch (const Failure& failure) {
    if (given && failure.reason == base::Reason::Authentication) given->forget(password);
    throw;
  }
}

// `early` is what is known, and what was learnt where this returns.
asio::awaitable<Connected> enter(std::unique_ptr<Client> client, const ServerConfig& config, const ConnectionUse& use,
                                 EarlyCompression& early) {
  Connected out;
  out.client = std::move(client);
  const bool wants = compresses(config, use.purpose);
  const bool at_once = wants && early == EarlyCompression::Works && !out.client->is_authenticated();
  co_await log_in(*out.client, config, use.given, at_once);
  co_await out.client->know_capabilities();
  const bool failed = at_once && !out.client->is_compressed();
  if (wants) co_await out.client->compress();
  if (failed)
    early = EarlyCompression::Fails;
  else if (out.client->is_compressed() && early == EarlyCompression::Unknown)
    early = EarlyCompression::Works;
  if (use.introduces) co_await introduce(out);
  // Yahoo shows 10,000 messages of a mailbox to who knows them by numbers, and all of them to who does not.
  if (out.client->can("UIDONLY") && out.client->can("ENABLE") && out.client->announced("MESSAGELIMIT"))
    co_await out.client->begin_unattended(imap::EnableCommand{{"UIDONLY"}});
  co_return out;
}

}  // namespace

namespace {

asio::awaitable<Connected> connect_once(const ServerConfig& config, const ConnectionUse& use) {
  auto early = use.early ? *use.early : EarlyCompression::Fails;
  auto client = co_await greet(config, use);
  Connected out;
  bool again = false;
  try {
    out = co_await enter(std::move(client), config, use, early);
  } catch (const Failure& failure) {
    if (early != EarlyCompression::Works || failure.reason != base::Reason::ConnectionLost) throw;
    again = true;
  }
  if (again) {  // something between may not bear a command that follows the login at once
    early = EarlyCompression::Fails;
    client = co_await greet(config, use);
    out = co_await enter(std::move(client), config, use, early);
  }
  if (use.early) *use.early = early;
  co_return out;
}

}  // namespace

// A password that was given before may have expired (tokens do): it is asked for anew before the login counts as
// refused.
asio::awaitable<Connected> connect(const ServerConfig& config, ConnectionUse use) {
  const bool was_given = use.given != nullptr && use.given->is_known();
  try {
    co_return co_await connect_once(config, use);
  } catch (const Failure& failure) {
    if (!was_given || failure.reason != base::Reason::Authentication) throw;
  }
  co_return co_await connect_once(config, use);
}

asio::awaitable<std::optional<Client::Ticket>> begin_qresync(Connected& connected) {
  auto& client = *connected.client;
  if (connected.asked_for_qresync || !client.can("QRESYNC") || !client.can("ENABLE")) co_return std::nullopt;
  connected.asked_for_qresync = true;
  co_return co_await client.begin(imap::EnableCommand{{"QRESYNC"}}, [&](imap::Response& response) {
    if (const auto* enabled = std::get_if<imap::EnabledResponse>(&response))
      for (const auto& one : enabled->capabilities) connected.qresync |= imap::equal_ignoring_case(one, "QRESYNC");
  });
}

}  // namespace mirror
