// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "proto/transport/dial.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <asio/ip/tcp.hpp>
#include <asio/redirect_error.hpp>
#include <asio/steady_timer.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>

#include <cerrno>
#include <memory>
#include <system_error>

#include "proto/transport/child_process.h"
#include "proto/transport/fd_stream.h"

namespace transport {

namespace {

// Owns the command: when the stream goes, it ends.
class Tunnel final : public Stream {
 public:
  Tunnel(std::unique_ptr<Stream> below, std::unique_ptr<ChildProcess> child)
      : below_(std::move(below)), child_(std::move(child)) {}
  ~Tunnel() override {
    below_->close();
    below_.reset();
  }
  Tunnel(const Tunnel&) = delete;
  Tunnel& operator=(const Tunnel&) = delete;
  asio::awaitable<std::size_t> read_some(asio::mutable_buffer into) override { return below_->read_some(into); }
  asio::awaitable<void> write(asio::const_buffer bytes) override { return below_->write(bytes); }
  asio::awaitable<void> flush() override { return below_->flush(); }
  void close() override { below_->close(); }
  asio::any_io_executor executor() override { return below_->executor(); }

 private:
  std::unique_ptr<Stream> below_;
  std::unique_ptr<ChildProcess> child_;
};

// A peer that cannot be reached any more is noticed in half a minute, also where nothing is to be sent (IDLE).
void notice_dead_path(asio::ip::tcp::socket& socket) {
  asio::error_code ignored;
  socket.set_option(asio::socket_base::keep_alive(true), ignored);
  const auto set = [&](int option, unsigned value) {
    ::setsockopt(socket.native_handle(), IPPROTO_TCP, option, &value, sizeof value);
  };
  set(TCP_KEEPIDLE, 15);          // seconds without a word until the peer is asked
  set(TCP_KEEPINTVL, 5);          // seconds between questions
  set(TCP_KEEPCNT, 3);            // questions
  set(TCP_USER_TIMEOUT, 30'000);  // ms without an acknowledgement of what was sent
}

// What a timer ends when it is late; goes with the coroutine that dials.
struct Dialling : std::enable_shared_from_this<Dialling> {
  explicit Dialling(const asio::any_io_executor& executor) : resolver(executor), socket(executor), timer(executor) {}

  void end_after(std::chrono::milliseconds patience) {
    late = false;
    timer.expires_after(patience);
    timer.async_wait([weak = weak_from_this(), number = ++timers](asio::error_code error) {
      const auto self = weak.lock();
      if (error || !self || self->timers != number) return;
      self->late = true;
      self->resolver.cancel();
      asio::error_code ignored;
      self->socket.close(ignored);
    });
  }

  asio::ip::tcp::resolver resolver;
  asio::ip::tcp::socket socket;
  asio::steady_timer timer;
  int timers = 0;
  bool late = false;
};

}  // namespace

std::unique_ptr<Stream> dial_tunnel(asio::any_io_executor executor, const std::string& command, bool null_stderr,
                                    const std::vector<std::string>& environment) {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
    throw std::system_error(errno, std::generic_category(), "socketpair");
  base::FileDescriptor ours(ends[0]);
  const base::FileDescriptor theirs(ends[1]);
  auto child = std::make_unique<ChildProcess>(ChildOptions{.command = command,
                                                           .input = theirs.get(),
                                                           .output = theirs.get(),
                                                           .errors = null_stderr ? std::optional(-1) : std::nullopt,
                                                           .environment = environment});
  return std::make_unique<Tunnel>(make_socket_stream(std::move(executor), std::move(ours)), std::move(child));
}

// Each address has its share of the time, so that one that does not answer does not hide the others.
asio::awaitable<std::unique_ptr<Stream>> dial_tcp(std::string host, std::string port,
                                                  std::chrono::milliseconds timeout) {
  const auto executor = co_await asio::this_coro::executor;
  const auto dialling = std::make_shared<Dialling>(executor);
  asio::error_code error;
  dialling->end_after(timeout);
  const auto addresses =
      co_await dialling->resolver.async_resolve(host, port, asio::redirect_error(asio::use_awaitable, error));
  if (dialling->late) error = asio::error::timed_out;
  if (error) throw std::system_error(error, host + " port " + port);
  auto& socket = dialling->socket;
  for (const auto& address : addresses) {
    dialling->end_after(timeout / static_cast<int>(addresses.size()));
    co_await socket.async_connect(address.endpoint(), asio::redirect_error(asio::use_awaitable, error));
    if (dialling->late) error = asio::error::timed_out;
    if (!error) break;
    asio::error_code ignored;
    socket.close(ignored);
  }
  if (error) throw std::system_error(error, host + " port " + port);
  socket.set_option(asio::ip::tcp::no_delay(true), error);
  notice_dead_path(socket);
  co_return make_socket_stream(executor, base::FileDescriptor(socket.release()));
}

}  // namespace transport
