// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// A TCP connection through a SOCKS5 proxy (RFC 1928, RFC 1929).
#pragma once

#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>

#include "proto/base/log.h"
#include "proto/transport/stream.h"

namespace transport {

struct SocksProxy {
  std::string host, port = "1080";
  std::string user;  // empty: none
  base::Secret password;
  bool resolves = false;  // socks5h: the proxy looks names up, and nobody here
  bool operator==(const SocksProxy&) const = default;
};

// What the proxy has refused, or that what it says is no SOCKS5; a sentence.
struct ProxyError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// Throws ProxyError, or std::system_error where the proxy cannot be reached. All of it ends within the time; a proxy
// says a few hundred octets at most, and not one more than it should is read.
asio::awaitable<std::unique_ptr<Stream>> dial_through(SocksProxy proxy, std::string host, std::string port,
                                                      std::chrono::milliseconds timeout);

}  // namespace transport
