// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "server/daemon/launcher.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <system_error>
#include <thread>

#include "proto/transport/fd_stream.h"
#include "server/daemon/control_socket.h"

namespace server {

namespace {

constexpr auto kPatience = std::chrono::seconds(20);  // for an owner that is starting: a big index may be rebuilt

// The owner lives on its own: another session, no terminal, its complaints in the store's log file.
[[noreturn]] void become_owner(const Options& options, int ready) {
  ::setsid();
  const auto log = (options.store / ".postern" / "log").string();
  const auto store = options.store.string();
  const auto idle = std::to_string(options.idle_exit.count()), limit = std::to_string(options.literal_limit);
  // Nothing of the client's may stay open here: it would wait for the end of it.
  constexpr int kReady = 3;
  const int null = ::open("/dev/null", O_RDWR);
  for (int i = 0; i < kReady; ++i) ::dup2(null, i);
  ::dup2(ready, kReady);
  ::close_range(kReady + 1, ~0u, 0);
  const char* words[] = {"imapd",      "--owner",     "--store",    store.c_str(),     "--ready-fd",
                         "3",          "--idle-exit", idle.c_str(), "--literal-limit", limit.c_str(),
                         "--log-file", log.c_str(),   nullptr};
  ::execv("/proc/self/exe", const_cast<char* const*>(words));
  std::_Exit(EX_OSERR);
}

// Starts an owner and waits until it serves or has ended. 0, or its exit code. Of two that start, the store's lock lets
// one be it; the other ends with EX_TEMPFAIL, and then the first is waited for.
int start_owner(const Options& options) {
  int ready[2];
  if (::pipe(ready) < 0) return EX_OSERR;
  const pid_t child = ::fork();
  if (child < 0) return EX_OSERR;
  if (child == 0) {
    ::close(ready[0]);
    const pid_t again = ::fork();  // so that nobody has to reap the owner
    if (again > 0) std::_Exit(0);
    become_owner(options, ready[1]);
  }
  ::close(ready[1]);
  ::waitpid(child, nullptr, 0);
  unsigned char code = EX_UNAVAILABLE;
  ssize_t n = 0;
  do n = ::read(ready[0], &code, 1);
  while (n < 0 && errno == EINTR);
  ::close(ready[0]);
  return n == 1 ? code : EX_UNAVAILABLE;
}

// Copies octets both ways where the client's descriptors cannot be handed over.
void relay(int near) {
  char buffer[65536];
  bool input_open = true;
  const auto copy = [&](int from, int to) {
    auto n = ::read(from, buffer, sizeof buffer);
    if (n <= 0) return false;
    for (char* at = buffer; n > 0;) {
      const auto written = ::write(to, at, static_cast<std::size_t>(n));
      if (written <= 0) return false;
      at += written;
      n -= written;
    }
    return true;
  };
  for (;;) {
    pollfd fds[2] = {{near, POLLIN, 0}, {input_open ? 0 : -1, POLLIN, 0}};
    if (::poll(fds, 2, -1) < 0 && errno != EINTR) return;
    if (fds[1].revents != 0 && !copy(0, near)) {
      input_open = false;
      ::shutdown(near, SHUT_WR);
    }
    if (fds[0].revents != 0 && !copy(near, 1)) return;
  }
}

int hand_over(int control) {
  const std::string line = std::string(POSTERN_VERSION) + " STDIO\n";
  const bool direct = transport::can_be_polled(0) && transport::can_be_polled(1);
  int ends[2] = {-1, -1};
  if (!direct && ::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0) return EX_OSERR;
  if (!send_request(control, line, direct ? std::vector<int>{0, 1} : std::vector<int>{ends[1], ends[1]})) return -1;
  char answer = 0;
  if (::read(control, &answer, 1) != 1) return -1;
  if (answer == 'V') return -2;
  if (answer != 'K') return EX_PROTOCOL;
  if (direct) {
    // Our copies are closed, so that the client sees the end when the owner closes its own.
    const int null = ::open("/dev/null", O_RDWR);
    ::dup2(null, 0);
    ::dup2(null, 1);
  } else {
    ::close(ends[1]);
    relay(ends[0]);
    return 0;
  }
  while (::read(control, &answer, 1) > 0 || errno == EINTR) {
  }
  return 0;
}

}  // namespace

int run_launcher(const Options& options) {
  ::signal(SIGPIPE, SIG_IGN);
  const auto path = control_socket_path(options.store);
  const auto end = std::chrono::steady_clock::now() + kPatience;
  int code = 0;
  while (std::chrono::steady_clock::now() < end) {
    if (const auto control = connect_control_socket(path)) {
      const int result = hand_over(control->get());
      if (result >= 0) return result;
      if (result == -2) {  // of another version: it gives way
        if (const auto again = connect_control_socket(path))
          send_request(again->get(), std::string(POSTERN_VERSION) + " QUIT\n", {});
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
      }
      continue;  // it was just leaving
    }
    code = start_owner(options);
    if (code == EX_TEMPFAIL)
      std::this_thread::sleep_for(std::chrono::milliseconds(10));  // another one is starting, or leaving
    else if (code != 0)
      break;
  }
  const auto log = options.store / ".postern" / "log";
  std::fprintf(stderr, "imapd: the store %s cannot be served (exit code %d); see %s\n", options.store.c_str(), code,
               log.c_str());
  return code == 0 ? EX_TEMPFAIL : code;
}

}  // namespace server
