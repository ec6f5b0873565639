// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "store/maildir/watch.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <map>
#include <thread>
#include <vector>

#include "proto/base/files.h"
#include "proto/base/mutex.h"

namespace store {

namespace {
constexpr int kLookEvery = 4000;  // milliseconds

using What = Watch::What;

What what_of(const inotify_event& event) {
  if (event.len == 0 || (event.mask & (IN_Q_OVERFLOW | IN_DELETE_SELF | IN_MOVE_SELF | IN_IGNORED)) != 0)
    return What::Anything;
  if (event.mask & IN_MOVED_FROM) return What::Left;
  if (event.mask & IN_DELETE) return What::Removed;
  if (event.mask & IN_MODIFY) return What::Changed;
  if (event.mask & IN_CLOSE_WRITE) return What::Written;
  if (event.mask & IN_ATTRIB) return What::Touched;
  return event.mask & IN_CREATE ? What::Created : What::Came;
}
}  // namespace

struct Watch::State {
  base::FileDescriptor inotify, wake;
  base::Log log;
  base::Mutex reading;  // one reader at a time, so that events keep their order; taken before `mutex`
  base::Mutex mutex;
  std::map<int, std::shared_ptr<OnEvent>> watches GUARDED_BY(mutex);
  std::function<void()> after GUARDED_BY(mutex);
  std::thread thread;
  std::atomic<bool> full{false};  // some directory is not watched: looked at by the clock
  std::atomic<bool> stopping{false};

  void wake_thread() const {
    const std::uint64_t one = 1;
    (void)!::write(wake.get(), &one, sizeof one);
  }

  void drain() EXCLUDES(reading, mutex) {
    const base::MutexLock lock(reading);
    alignas(inotify_event) std::array<char, 64 * 1024> buffer;
    for (;;) {
      const auto n = ::read(inotify.get(), buffer.data(), buffer.size());
      if (n <= 0) return;
      for (std::ptrdiff_t at = 0; at < n;) {
        const auto* event = reinterpret_cast<const inotify_event*>(buffer.data() + at);
        at += static_cast<std::ptrdiff_t>(sizeof(inotify_event) + event->len);
        handle(*event);
      }
    }
  }

  void handle(const inotify_event& event) REQUIRES(reading) EXCLUDES(mutex) {
    std::vector<std::shared_ptr<OnEvent>> calls;
    {
      const base::MutexLock lock(mutex);
      if (event.mask & IN_Q_OVERFLOW) {
        for (const auto& [wd, call] : watches) calls.push_back(call);
      } else if (const auto it = watches.find(event.wd); it != watches.end()) {
        calls.push_back(it->second);
      }
    }
    const auto what = what_of(event);
    for (const auto& call : calls) (*call)(what == What::Anything ? "" : event.name, what);
  }

  void run() EXCLUDES(reading, mutex) {
    for (;;) {
      pollfd fds[2] = {{inotify.get(), POLLIN, 0}, {wake.get(), POLLIN, 0}};
      if (::poll(fds, 2, full ? kLookEvery : -1) < 0 && errno != EINTR) return;
      if (stopping) return;
      if (fds[1].revents != 0) {  // it became full: the clock runs from now on
        std::uint64_t count = 0;
        (void)!::read(wake.get(), &count, sizeof count);
        continue;
      }
      drain();
      std::function<void()> call;
      {
        const base::MutexLock lock(mutex);
        call = after;
      }
      if (call) call();
    }
  }
};

Watch::Watch(base::Log log) : state_(std::make_shared<State>()) {
  state_->log = std::move(log);
  state_->inotify = base::FileDescriptor(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC));
  state_->wake = base::FileDescriptor(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (state_->inotify && state_->wake) state_->thread = std::thread([state = state_.get()] { state->run(); });
}

Watch::~Watch() { stop(); }

void Watch::stop() {
  if (!state_->thread.joinable()) return;
  state_->stopping = true;
  state_->wake_thread();
  state_->thread.join();
}

std::shared_ptr<void> Watch::add(const std::filesystem::path& directory, OnEvent on_event) {
  constexpr std::uint32_t kMask = IN_CREATE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_MODIFY | IN_CLOSE_WRITE |
                                  IN_ATTRIB | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR;
  const base::MutexLock lock(state_->mutex);
  const int wd = ::inotify_add_watch(state_->inotify.get(), directory.c_str(), kMask);
  if (wd < 0) {
    const int error = errno;
    if ((error == ENOSPC || error == ENOMEM) && !state_->full.exchange(true)) {
      state_->log.warning("no more directories can be watched: the others are looked at every few seconds",
                          {{"directory", directory.string()}});
      state_->wake_thread();
    }
    return nullptr;
  }
  state_->watches[wd] = std::make_shared<OnEvent>(std::move(on_event));
  // Not null, as the token of no watch is.
  return {state_.get(), [state = std::weak_ptr(state_), wd](void*) {
            const auto s = state.lock();
            if (!s) return;
            const base::MutexLock guard(s->mutex);
            s->watches.erase(wd);
            ::inotify_rm_watch(s->inotify.get(), wd);
          }};
}

void Watch::set_after(std::function<void()> after) {
  const base::MutexLock lock(state_->mutex);
  state_->after = std::move(after);
}

void Watch::drain() { state_->drain(); }

}  // namespace store
