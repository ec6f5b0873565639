// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "store/owner_process.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <thread>

#include "store/control_socket.h"

namespace store {

namespace {

constexpr auto kPatience = std::chrono::seconds(20);  // for an owner that is starting: a big index may be rebuilt

// The owner lives on its own: another session, no terminal, its complaints in the store's log file.
[[noreturn]] void become_owner(const OwnerStart& start, int ready) {
  ::setsid();
  // Nothing of the caller's may stay open here: somebody would wait for the end of it.
  constexpr int kReady = 3;
  const int null = ::open("/dev/null", O_RDWR);
  for (int i = 0; i < kReady; ++i) ::dup2(null, i);
  ::dup2(ready, kReady);
  ::close_range(kReady + 1, ~0u, 0);
  const auto log = (start.store / ".postern" / "log").string();
  std::vector<std::string> words{"imapd",      "--owner", "--store",    start.store.string(),
                                 "--ready-fd", "3",       "--log-file", log};
  words.insert(words.end(), start.arguments.begin(), start.arguments.end());
  std::vector<char*> argv;
  for (auto& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  ::execv(start.program.c_str(), argv.data());
  const unsigned char code = EX_OSFILE;
  (void)!::write(kReady, &code, 1);
  std::_Exit(code);
}

// Starts an owner and waits until it serves or has ended. 0, or its exit code. Of two that start, the store's lock lets
// one be it; the other ends with EX_TEMPFAIL, and then the first is waited for.
int start_owner(const OwnerStart& start) {
  int ready[2];
  if (::pipe(ready) < 0) return EX_OSERR;
  const pid_t child = ::fork();
  if (child < 0) return EX_OSERR;
  if (child == 0) {
    ::close(ready[0]);
    const pid_t again = ::fork();  // so that nobody has to reap the owner
    if (again > 0) std::_Exit(0);
    become_owner(start, ready[1]);
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

enum class Answer { Taken, OtherVersion, None };

Answer request(int control, const std::string& line, const std::vector<int>& descriptors) {
  char answer = 0;
  if (!send_request(control, line, descriptors) || ::read(control, &answer, 1) != 1) return Answer::None;
  if (answer == 'K') return Answer::Taken;
  return answer == 'V' ? Answer::OtherVersion : Answer::None;
}

}  // namespace

std::expected<base::FileDescriptor, int> ask_owner(const OwnerStart& start, const std::string& line,
                                                   const std::vector<int>& descriptors) {
  const auto path = control_socket_path(start.store);
  const auto end = std::chrono::steady_clock::now() + kPatience;
  int code = 0;
  while (std::chrono::steady_clock::now() < end) {
    if (auto control = connect_control_socket(path)) {
      const auto answer = request(control->get(), line, descriptors);
      if (answer == Answer::Taken) return std::move(*control);
      if (answer == Answer::OtherVersion) {  // it gives way
        if (const auto again = connect_control_socket(path)) send_request(again->get(), request_line("QUIT", {}), {});
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
      }
      continue;  // or it was just leaving
    }
    code = start_owner(start);
    if (code == EX_TEMPFAIL)
      std::this_thread::sleep_for(std::chrono::milliseconds(10));  // another one is starting, or leaving
    else if (code != 0)
      break;
  }
  if (code == EX_OSFILE) {
    std::fprintf(stderr, "imapd: %s cannot be run\n", start.program.c_str());
    return std::unexpected(code);
  }
  const auto log = start.store / ".postern" / "log";
  std::fprintf(stderr, "imapd: the store %s cannot be served (exit code %d); see %s\n", start.store.c_str(), code,
               log.c_str());
  return std::unexpected(code == 0 ? EX_TEMPFAIL : code);
}

}  // namespace store
