// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "proto/transport/child_process.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <set>
#include <string_view>
#include <system_error>
#include <thread>

#include "proto/base/mutex.h"

extern char** environ;  // NOLINT: POSIX's own

namespace transport {

namespace {

constexpr std::chrono::milliseconds kTick{20};
constexpr int kTicks = 50;
constexpr int kUnknown = 255 << 8;  // somebody else has reaped it

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

short flags_of(Group group) {
  // What we ignore, the command does not.
  short out = POSIX_SPAWN_SETSIGDEF;
  if (group == Group::Own) out |= POSIX_SPAWN_SETPGROUP;
  if (group == Group::Session) out |= POSIX_SPAWN_SETSID;
  return out;
}

// Those with a group that are being ended, each by a thread. Where this process ends before, nobody would send the last
// signal: so its end waits for them, which takes no longer than that.
class Endings {
 public:
  // Never destroyed: its threads may outlive everything else.
  static Endings& all() {
    static auto* const one = new Endings();
    static const AtExit at_exit;
    return *one;
  }
  void begin(pid_t target) EXCLUDES(mutex_) {
    const base::MutexLock lock(mutex_);
    targets_.insert(target);
  }
  void done(pid_t target) EXCLUDES(mutex_) {
    const base::MutexLock lock(mutex_);
    targets_.erase(target);
  }
  void wait() EXCLUDES(mutex_) {
    for (int i = 0; i < 3 * kTicks && !is_empty(); ++i) std::this_thread::sleep_for(kTick);
    const base::MutexLock lock(mutex_);
    for (const auto target : targets_) ::kill(target, SIGKILL);
  }

 private:
  struct AtExit {
    ~AtExit() { all().wait(); }
  };
  bool is_empty() EXCLUDES(mutex_) {
    const base::MutexLock lock(mutex_);
    return targets_.empty();
  }
  base::Mutex mutex_;
  std::set<pid_t> targets_ GUARDED_BY(mutex_);
};

// Not reaped before the last signal: its number is nobody else's until then.
void end(pid_t child, pid_t target, bool terminated) {
  for (int i = 0; i < kTicks && !terminated; ++i) {
    if (::waitpid(child, nullptr, WNOHANG) != 0) return;
    std::this_thread::sleep_for(kTick);
  }
  ::kill(target, SIGTERM);
  siginfo_t ended{};
  for (int i = 0; i < kTicks && ended.si_pid == 0; ++i) {
    ::waitid(P_PID, static_cast<id_t>(child), &ended, WEXITED | WNOHANG | WNOWAIT);
    std::this_thread::sleep_for(kTick);
  }
  ::kill(target, SIGKILL);
  ::waitpid(child, nullptr, 0);
}

}  // namespace

bool has_terminal() { return base::FileDescriptor(::open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY)).get() >= 0; }

ChildProcess::ChildProcess(ChildOptions options) : group_(options.group != Group::Alone) {
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, options.input, 0);
  ::posix_spawn_file_actions_adddup2(&actions, options.output, 1);
  if (options.errors && *options.errors >= 0) ::posix_spawn_file_actions_adddup2(&actions, *options.errors, 2);
  if (options.errors && *options.errors < 0) ::posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
  posix_spawnattr_t attributes;
  ::posix_spawnattr_init(&attributes);
  ::posix_spawnattr_setflags(&attributes, flags_of(options.group));
  sigset_t ours;
  ::sigemptyset(&ours);
  for (const int number : {SIGPIPE, SIGXFSZ}) ::sigaddset(&ours, number);
  ::posix_spawnattr_setsigdefault(&attributes, &ours);
  std::string shell = "sh", option = "-c";
  char* words[] = {shell.data(), option.data(), options.command.data(), nullptr};
  auto variables = with_own(options.environment);
  const int error = ::posix_spawn(&child_, "/bin/sh", &actions, &attributes, words, variables.data());
  ::posix_spawnattr_destroy(&attributes);
  ::posix_spawn_file_actions_destroy(&actions);
  if (error == 0) return;
  child_ = 0;
  throw std::system_error(error, std::generic_category(), "/bin/sh");
}

ChildProcess::~ChildProcess() {
  if (child_ <= 0) return;
  if (!group_) {
    std::thread([child = child_, terminated = terminated_] { end(child, child, terminated); }).detach();
    return;
  }
  auto& endings = Endings::all();
  endings.begin(-child_);
  std::thread([&endings, child = child_, terminated = terminated_] {
    end(child, -child, terminated);
    endings.done(-child);
  }).detach();
}

base::FileDescriptor ChildProcess::watch() const {
  return base::FileDescriptor(static_cast<int>(::syscall(SYS_pidfd_open, child_, 0)));
}

std::optional<int> ChildProcess::reap() {
  int status = 0;
  if (child_ <= 0) return std::nullopt;
  const auto reaped = ::waitpid(child_, &status, WNOHANG);
  if (reaped == 0) return std::nullopt;
  if (reaped < 0) status = kUnknown;
  child_ = 0;
  return status;
}

void ChildProcess::terminate() {
  if (child_ <= 0) return;
  ::kill(group_ ? -child_ : child_, SIGTERM);
  terminated_ = true;
}

}  // namespace transport
