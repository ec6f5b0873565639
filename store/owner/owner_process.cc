// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "store/owner/owner_process.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <thread>

#include "store/owner/control_socket.h"

namespace store {

namespace {

constexpr auto kPatience = std::chrono::seconds(20);  // for an owner that is starting: a big index may be rebuilt
constexpr std::chrono::milliseconds kLook{10}, kLongestGap{200};  // between looks, and between starts
constexpr int kDeaths = 3;                                        // of owners that start, before it is given up

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
  const auto answer = static_cast<char>(EX_OSFILE) + start.program.string() + ": " + std::strerror(errno);
  (void)!::write(kReady, answer.data(), answer.size());
  std::_Exit(EX_OSFILE);
}

struct Started {
  int code = EX_TEMPFAIL;  // 0: it serves; else as in sysexits.h
  std::string why;
  bool died = false;  // without a word
};

// Starts an owner and waits until it serves or has ended. Of two that start, the store's lock lets one be it; the other
// ends with EX_TEMPFAIL, and then the first is waited for.
Started start_owner(const OwnerStart& start) {
  int ready[2];
  if (::pipe(ready) < 0) return {EX_OSERR, std::strerror(errno), false};
  const pid_t child = ::fork();
  if (child < 0) return {EX_OSERR, std::strerror(errno), false};
  if (child == 0) {
    ::close(ready[0]);
    const pid_t again = ::fork();  // so that nobody has to reap the owner
    if (again > 0) std::_Exit(0);
    become_owner(start, ready[1]);
  }
  ::close(ready[1]);
  ::waitpid(child, nullptr, 0);
  std::string answer;
  char buffer[1024];
  for (;;) {
    const auto n = ::read(ready[0], buffer, sizeof buffer);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) break;
    answer.append(buffer, static_cast<std::size_t>(n));
    if (answer.front() == 0) break;
  }
  ::close(ready[0]);
  if (answer.empty()) return {EX_TEMPFAIL, "the process that serves it died while it started", true};
  return {static_cast<unsigned char>(answer.front()), answer.substr(1), false};
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
  auto next_start = std::chrono::steady_clock::now();
  auto gap = kLook;
  Started started;
  int deaths = 0;
  while (std::chrono::steady_clock::now() < end) {
    if (auto control = connect_control_socket(path)) {
      const auto answer = request(control->get(), line, descriptors);
      if (answer == Answer::Taken) return std::move(*control);
      if (answer == Answer::OtherVersion)  // it gives way
        if (const auto again = connect_control_socket(path)) send_request(again->get(), request_line("QUIT", {}), {});
      // Else it was just leaving.
    } else if (std::chrono::steady_clock::now() >= next_start) {
      started = start_owner(start);
      if (started.died && ++deaths == kDeaths) break;
      if (started.code == 0) continue;
      if (started.code != EX_TEMPFAIL) break;
      // Another one is starting, or leaving.
      next_start = std::chrono::steady_clock::now() + gap;
      gap = std::min(2 * gap, kLongestGap);
    }
    std::this_thread::sleep_for(kLook);
  }
  if (started.code == 0) started = {EX_TEMPFAIL, "it takes no clients", false};
  std::fprintf(stderr, "imapd: the store %s cannot be served: %s\n", start.store.c_str(), started.why.c_str());
  return std::unexpected(started.code);
}

}  // namespace store
