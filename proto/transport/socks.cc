// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "proto/transport/socks.h"

#include <asio/buffer.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/redirect_error.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>

#include <array>
#include <charconv>
#include <optional>
#include <system_error>

#include "proto/transport/deadline.h"
#include "proto/transport/dial.h"

namespace transport {

namespace {

constexpr char kVersion = 5, kNoLogin = 0, kPassword = 2, kConnect = 1, kIpv4 = 1, kName = 3, kIpv6 = 4;

std::string octet(std::size_t value) { return std::string(1, static_cast<char>(value)); }

// One conversation with the proxy.
class Conversation {
 public:
  Conversation(const SocksProxy& proxy, Stream& stream) : proxy_(proxy), stream_(stream) {}

  asio::awaitable<void> run(std::string address, std::string port) {
    co_await log_in();
    co_await connect(std::move(address), std::move(port));
  }

 private:
  asio::awaitable<void> say(std::string text) {
    co_await stream_.write(asio::buffer(text));
    co_await stream_.flush();
  }

  asio::awaitable<std::string> hear(std::size_t octets) {
    std::string out(octets, 0);
    for (std::size_t at = 0; at < octets;) {
      const auto n = co_await stream_.read_some(asio::buffer(out.data() + at, octets - at));
      if (n == 0) throw ProxyError("it closed the connection");
      at += n;
    }
    co_return out;
  }

  asio::awaitable<void> log_in() {
    const bool has_login = !proxy_.user.empty();
    co_await say(std::string{kVersion} + (has_login ? std::string{2, kNoLogin, kPassword} : std::string{1, kNoLogin}));
    const auto chosen = co_await hear(2);
    if (chosen[0] != kVersion) throw ProxyError("it does not speak SOCKS5");
    if (chosen[1] == kNoLogin) co_return;
    if (chosen[1] != kPassword || !has_login)
      throw ProxyError(has_login ? "it takes no password"
                                 : "it wants a login: write proxy = socks5://USER:PASSWORD@HOST:PORT");
    const auto& password = proxy_.password.reveal();
    co_await say(std::string{1} + octet(proxy_.user.size()) + proxy_.user + octet(password.size()) + password);
    const auto answer = co_await hear(2);
    if (answer[1] != 0) throw ProxyError("it refuses the user and password");
  }

  asio::awaitable<void> connect(std::string address, std::string port) {
    std::uint16_t number = 0;
    std::from_chars(port.data(), port.data() + port.size(), number);
    co_await say(std::string{kVersion, kConnect, 0} + address + octet(number >> 8) + octet(number & 255));
    const auto head = co_await hear(4);
    if (head[0] != kVersion) throw ProxyError("it does not speak SOCKS5");
    if (head[1] != 0) throw ProxyError(refusal(static_cast<unsigned char>(head[1])));
    std::size_t rest = 4;
    if (head[3] == kIpv6) rest = 16;
    if (head[3] == kName) {
      const auto length = co_await hear(1);
      rest = static_cast<unsigned char>(length[0]);
    } else if (head[3] != kIpv4 && head[3] != kIpv6) {
      throw ProxyError("it does not speak SOCKS5");
    }
    co_await hear(rest + 2);
  }

  static std::string refusal(unsigned code) {
    constexpr const char* kTexts[] = {"",
                                      "it cannot connect",
                                      "its rules forbid the connection",
                                      "the network cannot be reached from there",
                                      "the server cannot be reached from there",
                                      "the server refuses the connection",
                                      "no answer from the server",
                                      "it does not know how to connect",
                                      "it does not know this kind of address"};
    return code < std::size(kTexts) ? kTexts[code] : "it refuses (" + std::to_string(code) + ")";
  }

  const SocksProxy& proxy_;
  Stream& stream_;
};

std::string octets_of(const asio::ip::address& address) {
  std::string out(1, address.is_v4() ? kIpv4 : kIpv6);
  if (address.is_v4())
    for (const auto octet : address.to_v4().to_bytes()) out += static_cast<char>(octet);
  else
    for (const auto octet : address.to_v6().to_bytes()) out += static_cast<char>(octet);
  return out;
}

// As the proxy is told it.
asio::awaitable<std::string> address_of(const SocksProxy& proxy, std::string host, std::string port) {
  asio::error_code error;
  if (const auto literal = asio::ip::make_address(host, error); !error) co_return octets_of(literal);
  if (proxy.resolves) {
    if (host.size() > 255) throw ProxyError("the host's name is too long");
    co_return std::string{kName} + octet(host.size()) + host;
  }
  asio::ip::tcp::resolver resolver(co_await asio::this_coro::executor);
  const auto found = co_await resolver.async_resolve(host, port, asio::redirect_error(asio::use_awaitable, error));
  if (error || found.empty()) throw std::system_error(error, host + " port " + port);
  co_return octets_of(found.begin()->endpoint().address());
}

}  // namespace

asio::awaitable<std::unique_ptr<Stream>> dial_through(SocksProxy proxy, std::string host, std::string port,
                                                      std::chrono::milliseconds timeout) {
  auto address = co_await address_of(proxy, host, port);
  auto stream = co_await dial_tcp(proxy.host, proxy.port, timeout);
  const Deadline deadline(*stream, timeout);
  std::optional<ProxyError> refused;
  std::error_code broken;
  try {
    Conversation conversation(proxy, *stream);
    co_await conversation.run(std::move(address), port);
  } catch (const ProxyError& error) {
    refused = error;
  } catch (const std::system_error& error) {
    broken = error.code();
  }
  if (deadline.has_passed()) throw ProxyError("it does not answer");
  if (refused) throw ProxyError(*refused);
  if (broken) throw std::system_error(broken, proxy.host + " port " + proxy.port);
  co_return stream;
}

}  // namespace transport
