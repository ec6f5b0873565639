// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "store/mailbox/behind/write_behind_thread.h"

#include <chrono>
#include <system_error>
#include <utility>

#include "proto/base/fail_point.h"
#include "store/mailbox/mailbox_impl.h"

namespace store {

namespace {
constexpr auto kLater = std::chrono::seconds(3);
constexpr auto kNowAndThen = std::chrono::seconds(30);
}  // namespace

Worker::Worker(base::Log log, std::function<void()> now_and_then)
    : log_(std::move(log)), now_and_then_(std::move(now_and_then)), thread_([this] { run(); }) {}

void Worker::add(std::shared_ptr<MailboxImpl> mailbox) {
  {
    const base::MutexLock lock(mutex_);
    if (stopping_) return;
    queue_.insert(std::move(mailbox));
  }
  due_.notify_one();
}

void Worker::drain(std::chrono::milliseconds at_most) {
  const auto end = std::chrono::steady_clock::now() + at_most;
  const base::MutexLock lock(mutex_);
  queue_.merge(retry_);
  due_.notify_one();
  while (!is_drained() && done_.wait_until(mutex_, end));
}

void Worker::stop() {
  {
    const base::MutexLock lock(mutex_);
    stopping_ = true;
  }
  due_.notify_all();
  done_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void Worker::run() {
  const base::MutexLock lock(mutex_);
  for (;;) {
    if (!wait_for_work()) {
      queue_.merge(retry_);
      settle();
      const base::MutexUnlock unlocked(mutex_);
      try {
        now_and_then_();
      } catch (const base::SimulatedCrash&) {
      } catch (const std::exception& error) {
        log_.warning("mailboxes cannot leave memory", {{"why", error.what()}});
      }
    }
    if (stopping_) return;
    if (queue_.empty()) continue;
    const auto mailbox = *queue_.begin();
    queue_.erase(queue_.begin());
    if (!failed_) work_on(mailbox);
    if (queue_.empty() || failed_) done_.notify_all();
  }
}

bool Worker::wait_for_work() {
  const bool waits = !retry_.empty() || !settling_.empty();
  const auto end = std::chrono::steady_clock::now() + (waits ? kLater : kNowAndThen);
  while (!stopping_ && queue_.empty())
    if (!due_.wait_until(mutex_, end)) return stopping_ || !queue_.empty();
  return true;
}

void Worker::work_on(const std::shared_ptr<MailboxImpl>& mailbox) {
  busy_ = true;
  bool more = false, failed = false, blocked = false;
  {
    const base::MutexUnlock unlocked(mutex_);
    try {
      more = mailbox->work();
      blocked = !more && mailbox->has_work();
      if (mailbox->is_told()) mailbox->check();
    } catch (const base::SimulatedCrash&) {
      failed = true;
    } catch (const std::exception& error) {  // of this mailbox: the others go on, and it is tried again
      log_.warning("files cannot be renamed or removed now",
                   {{"mailbox", mailbox->name().utf8()}, {"why", error.what()}});
      blocked = true;
    }
  }
  busy_ = false;
  failed_ = failed_ || failed;
  if (more)
    queue_.insert(mailbox);
  else if (blocked)
    retry_.insert(mailbox);
  else
    settling_.insert(mailbox);
}

void Worker::settle() {
  const auto mailboxes = std::exchange(settling_, {});
  std::set<std::weak_ptr<MailboxImpl>, std::owner_less<>> again;
  {
    const base::MutexUnlock unlocked(mutex_);
    for (const auto& weak : mailboxes) try {
        if (const auto mailbox = weak.lock(); mailbox && !mailbox->settle()) again.insert(weak);
      } catch (const base::SimulatedCrash&) {
        break;
      } catch (const std::exception& error) {
        log_.warning("a mailbox cannot be settled", {{"why", error.what()}});
        again.insert(weak);
      }
  }
  settling_.merge(again);
}

}  // namespace store
