// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "proto/transport/listen.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <asio/posix/stream_descriptor.hpp>
#include <asio/steady_timer.hpp>

#include <cerrno>
#include <system_error>

#include "proto/base/unix_address.h"

namespace transport {

namespace {

[[noreturn]] void fail(const std::string& what) { throw std::system_error(errno, std::generic_category(), what); }

}  // namespace

base::FileDescriptor listen_unix(const std::filesystem::path& path) {
  const base::UnixAddress address(path);
  base::FileDescriptor fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd) fail("socket");
  // What a server left behind is a socket; anything else is somebody's.
  struct stat status{};
  if (::lstat(path.c_str(), &status) == 0 && !S_ISSOCK(status.st_mode)) {
    errno = EEXIST;
    fail(path.string() + " is no socket");
  }
  ::unlink(path.c_str());
  const auto mask = ::umask(0177);
  const int bound = ::bind(fd.get(), address.get(), base::UnixAddress::size());
  ::umask(mask);
  if (bound < 0 || ::listen(fd.get(), 128) < 0) fail(path.string());
  return fd;
}

base::FileDescriptor listen_tcp(const std::string& host, const std::string& port) {
  addrinfo hints{}, *found = nullptr;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE;
  if (const int error = ::getaddrinfo(host.c_str(), port.c_str(), &hints, &found); error != 0)
    throw std::runtime_error(host + " port " + port + ": " + ::gai_strerror(error));
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> guard(found, &::freeaddrinfo);
  base::FileDescriptor fd(::socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd) fail("socket");
  const int on = 1;
  ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  ::setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (::bind(fd.get(), found->ai_addr, found->ai_addrlen) < 0 || ::listen(fd.get(), 128) < 0)
    fail(host + " port " + port);
  return fd;
}

std::string local_address(int socket) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  if (::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size) < 0) return "?";
  if (address.ss_family == AF_UNIX) return reinterpret_cast<const sockaddr_un&>(address).sun_path;
  char host[64], port[16];
  if (::getnameinfo(reinterpret_cast<const sockaddr*>(&address), size, host, sizeof host, port, sizeof port,
                    NI_NUMERICHOST | NI_NUMERICSERV) != 0)
    return "?";
  return address.ss_family == AF_INET6 ? "[" + std::string(host) + "]:" + port : std::string(host) + ":" + port;
}

std::string peer_address(int socket) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  char host[64];
  if (::getpeername(socket, reinterpret_cast<sockaddr*>(&address), &size) < 0 ||
      ::getnameinfo(reinterpret_cast<const sockaddr*>(&address), size, host, sizeof host, nullptr, 0, NI_NUMERICHOST) !=
          0)
    return "?";
  return host;
}

bool is_loopback(const std::string& host) {
  in_addr four{};
  in6_addr six{};
  if (::inet_pton(AF_INET, host.c_str(), &four) == 1) return (ntohl(four.s_addr) >> 24) == 127;
  if (::inet_pton(AF_INET6, host.c_str(), &six) == 1) return IN6_IS_ADDR_LOOPBACK(&six);
  return host == "localhost";
}

struct Acceptor::State : std::enable_shared_from_this<State> {
  State(asio::any_io_executor executor, base::FileDescriptor socket, std::function<void(base::FileDescriptor)> f)
      : descriptor(executor, socket.get()), pause(executor), on_client(std::move(f)) {
    socket.release();
  }

  void wait() {
    descriptor.async_wait(asio::posix::descriptor_base::wait_read, [self = shared_from_this()](asio::error_code error) {
      if (error || self->closed) return;
      self->accept();
    });
  }

  void accept() {
    base::FileDescriptor client(::accept4(descriptor.native_handle(), nullptr, nullptr, SOCK_CLOEXEC));
    if (client) {
      const int on = 1;
      ::setsockopt(client.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);  // fails on Unix sockets, which need it not
      on_client(std::move(client));
    } else if (errno == EMFILE || errno == ENFILE || errno == ENOMEM) {
      pause.expires_after(std::chrono::milliseconds(100));
      pause.async_wait([self = shared_from_this()](asio::error_code error) {
        if (!error) self->wait();
      });
      return;
    }
    wait();
  }

  asio::posix::stream_descriptor descriptor;
  asio::steady_timer pause;
  std::function<void(base::FileDescriptor)> on_client;
  bool closed = false;
};

Acceptor::Acceptor(asio::any_io_executor executor, base::FileDescriptor socket,
                   std::function<void(base::FileDescriptor)> f)
    : state_(std::make_shared<State>(std::move(executor), std::move(socket), std::move(f))) {
  state_->wait();
}

Acceptor::~Acceptor() {
  state_->closed = true;
  asio::error_code ignored;
  state_->descriptor.close(ignored);
  state_->pause.cancel();
}

}  // namespace transport
