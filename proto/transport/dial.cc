// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "proto/transport/dial.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <asio/ip/tcp.hpp>
#include <asio/redirect_error.hpp>
#include <asio/steady_timer.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <string_view>
#include <system_error>
#include <thread>

#include "proto/transport/fd_stream.h"

extern char** environ;  // NOLINT: POSIX's own

namespace transport {

namespace {

// Owns the child: when the stream goes, the child is asked to end and reaped, without making anybody wait.
class Tunnel final : public Stream {
 public:
  // group: the child leads a process group, which ends with it.
  Tunnel(std::unique_ptr<Stream> below, pid_t child, bool group)
      : below_(std::move(below)), child_(child), group_(group) {}
  ~Tunnel() override {
    below_->close();
    below_.reset();
    if (child_ <= 0) return;
    std::thread([child = child_, target = group_ ? -child_ : child_] {
      for (int i = 0; i < 50; ++i) {
        if (::waitpid(child, nullptr, WNOHANG) != 0) return;
        std::this_thread::sleep_for(kTick);
      }
      // Not reaped before the last signal: its number is nobody else's until then.
      ::kill(target, SIGTERM);
      siginfo_t ended{};
      for (int i = 0; i < 50 && ended.si_pid == 0; ++i) {
        ::waitid(P_PID, static_cast<id_t>(child), &ended, WEXITED | WNOHANG | WNOWAIT);
        std::this_thread::sleep_for(kTick);
      }
      ::kill(target, SIGKILL);
      ::waitpid(child, nullptr, 0);
    }).detach();
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
  static constexpr std::chrono::milliseconds kTick{20};
  pid_t child_;
  bool group_;
};

// The process's environment, with these variables in the place of its own. Ends with a nullptr.
std::vector<char*> with_own(std::vector<std::string>& own) {
  std::vector<char*> out;
  for (auto& variable : own) out.push_back(variable.data());
  const auto is_replaced = [&](std::string_view one) {
    const auto name = one.substr(0, one.find('=') + 1);
    return std::ranges::any_of(own, [&](const std::string& variable) { return variable.starts_with(name); });
  };
  for (char** variable = environ; *variable != nullptr; ++variable)
    if (!is_replaced(*variable)) out.push_back(*variable);
  out.push_back(nullptr);
  return out;
}

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

bool has_terminal() { return base::FileDescriptor(::open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY)).get() >= 0; }

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
                                    bool with_all, const std::vector<std::string>& environment) {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
    throw std::system_error(errno, std::generic_category(), "socketpair");
  base::FileDescriptor ours(ends[0]);
  const base::FileDescriptor theirs(ends[1]);
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, theirs.get(), 0);
  ::posix_spawn_file_actions_adddup2(&actions, theirs.get(), 1);
  if (null_stderr) ::posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
  const bool group = with_all && !has_terminal();
  posix_spawnattr_t attributes;
  ::posix_spawnattr_init(&attributes);
  if (group) ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);  // a group of its own
  std::string copy = command, shell = "sh", option = "-c";
  char* words[] = {shell.data(), option.data(), copy.data(), nullptr};
  auto own = environment;
  auto variables = with_own(own);
  pid_t child = 0;
  const int error = ::posix_spawn(&child, "/bin/sh", &actions, &attributes, words, variables.data());
  ::posix_spawnattr_destroy(&attributes);
  ::posix_spawn_file_actions_destroy(&actions);
  if (error != 0) throw std::system_error(error, std::generic_category(), "/bin/sh");
  return std::make_unique<Tunnel>(make_socket_stream(std::move(executor), std::move(ours)), child, group);
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
