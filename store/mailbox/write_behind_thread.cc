// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "store/mailbox/write_behind_thread.h"

#include <chrono>
#include <system_error>
#include <utility>

#include "store/mailbox/mailbox_impl.h"

namespace store {

namespace {
constexpr auto kLater = std::chrono::seconds(3);
constexpr auto kNowAndThen = std::chrono::seconds(60);
}  // namespace

Worker::Worker(base::Log log, std::function<void()> now_and_then)
    : log_(std::move(log)), now_and_then_(std::move(now_and_then)), thread_([this] { run(); }) {}

void Worker::add(std::shared_ptr<MailboxImpl> mailbox) {
  {
    const std::lock_guard lock(mutex_);
    if (stopping_) return;
    queue_.insert(std::move(mailbox));
  }
  due_.notify_one();
}

void Worker::drain(std::chrono::milliseconds at_most) {
  std::unique_lock lock(mutex_);
  queue_.merge(retry_);
  due_.notify_one();
  done_.wait_for(lock, at_most, [this] { return (queue_.empty() && !busy_) || failed_ || stopping_; });
}

void Worker::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  due_.notify_all();
  done_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void Worker::run() {
  std::unique_lock lock(mutex_);
  const auto due = [this] { return stopping_ || !queue_.empty(); };
  for (;;) {
    const bool waits = !retry_.empty() || !settling_.empty();
    if (!due_.wait_for(lock, waits ? kLater : kNowAndThen, due)) {
      queue_.merge(retry_);
      settle(lock);
      lock.unlock();
      now_and_then_();
      lock.lock();
    }
    if (stopping_) return;
    if (queue_.empty()) continue;
    const auto mailbox = *queue_.begin();
    queue_.erase(queue_.begin());
    if (!failed_) work_on(mailbox, lock);
    if (queue_.empty() || failed_) done_.notify_all();
  }
}

void Worker::work_on(const std::shared_ptr<MailboxImpl>& mailbox, std::unique_lock<std::mutex>& lock) {
  busy_ = true;
  lock.unlock();
  bool more = false, failed = false, blocked = false;
  try {
    more = mailbox->work();
    blocked = !more && mailbox->has_work();
    if (mailbox->is_told()) mailbox->check();
  } catch (const std::system_error& error) {
    log_.warning("work on files waits", {{"why", error.what()}});
    blocked = true;
  } catch (const std::exception& error) {
    log_.error("work on files stopped", {{"why", error.what()}});
    failed = true;
  }
  lock.lock();
  busy_ = false;
  failed_ = failed_ || failed;
  if (more)
    queue_.insert(mailbox);
  else if (blocked)
    retry_.insert(mailbox);
  else
    settling_.insert(mailbox);
}

void Worker::settle(std::unique_lock<std::mutex>& lock) {
  const auto mailboxes = std::exchange(settling_, {});
  lock.unlock();
  decltype(settling_) again;
  for (const auto& weak : mailboxes) try {
      if (const auto mailbox = weak.lock(); mailbox && !mailbox->settle()) again.insert(weak);
    } catch (const std::exception& error) {
      log_.warning("a mailbox cannot be settled", {{"why", error.what()}});
    }
  lock.lock();
  settling_.merge(again);
}

}  // namespace store
