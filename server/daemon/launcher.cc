// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "server/daemon/launcher.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sysexits.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "proto/base/files.h"
#include "store/owner/control_socket.h"
#include "store/owner/owner_process.h"

namespace server {

namespace {

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

void wait_for_the_end(int control) {
  // Our copies are closed, so that the client sees the end when the owner closes its own.
  const int null = ::open("/dev/null", O_RDWR);
  ::dup2(null, 0);
  ::dup2(null, 1);
  char octet = 0;
  while (::read(control, &octet, 1) > 0 || errno == EINTR) {
  }
}

// Beside this program, as it is built, or where it is installed.
std::filesystem::path owner_program() {
  std::error_code error;
  const auto here = std::filesystem::read_symlink("/proc/self/exe", error).parent_path();
  const auto beside = here / "imapd-owner";
  if (::access(beside.c_str(), X_OK) == 0) return beside;
  return here.parent_path() / POSTERN_LIBEXECDIR / "postern" / "imapd-owner";
}

store::OwnerStart owner_start(const Options& options) {
  store::OwnerStart out{owner_program(), options.store, {}};
  const auto say = [&](const char* name, const std::string& value) {
    out.arguments.emplace_back(name);
    out.arguments.push_back(value);
  };
  say("--idle-exit", std::to_string(options.idle_exit.count()));
  say("--literal-limit", std::to_string(options.literal_limit));
  if (options.synchronise)
    say("--config", options.config.string());
  else
    out.arguments.emplace_back("--no-sync");
  return out;
}

}  // namespace

int become_owner(char** argv) {
  const auto program = owner_program();
  ::execv(program.c_str(), argv);
  std::fprintf(stderr, "imapd: %s: %s\n", program.c_str(), std::strerror(errno));
  return EX_OSFILE;
}

int run_launcher(const Options& options) {
  ::signal(SIGPIPE, SIG_IGN);
  const bool direct = base::can_be_polled(0) && base::can_be_polled(1);
  int ends[2] = {-1, -1};
  if (!direct && ::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0) return EX_OSERR;
  const auto control = store::ask_owner(owner_start(options), store::request_line("STDIO", {}),
                                        direct ? std::vector<int>{0, 1} : std::vector<int>{ends[1], ends[1]});
  if (!control) return control.error();
  if (direct) {
    wait_for_the_end(control->get());
  } else {
    ::close(ends[1]);
    relay(ends[0]);
  }
  return 0;
}

}  // namespace server
