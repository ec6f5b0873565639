// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Worker: the thread that does what follows behind: renames and unlinks, and a little later the notes that save the
// next open a scan; and what is to be done now and then.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <set>
#include <thread>

#include "proto/base/log.h"
#include "proto/base/mutex.h"

namespace store {

class MailboxImpl;

class Worker {
 public:
  Worker(base::Log log, std::function<void()> now_and_then);
  ~Worker() { stop(); }
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  void add(std::shared_ptr<MailboxImpl> mailbox);
  // Waits until the files' names say what the index says, as far as that can be, and not longer than that.
  void drain(std::chrono::milliseconds at_most = std::chrono::hours(1));
  void stop();  // when what it does just now is done; add() does nothing any more

 private:
  using Mailboxes = std::set<std::shared_ptr<MailboxImpl>>;
  void run() EXCLUDES(mutex_);
  bool wait_for_work() REQUIRES(mutex_);  // false: there was none for a while
  void work_on(const std::shared_ptr<MailboxImpl>& mailbox) REQUIRES(mutex_);
  void settle() REQUIRES(mutex_);
  bool is_drained() const REQUIRES(mutex_) { return (queue_.empty() && !busy_) || failed_ || stopping_; }

  base::Log log_;
  std::function<void()> now_and_then_;
  base::Mutex mutex_;
  base::CondVar due_, done_;
  Mailboxes queue_ GUARDED_BY(mutex_);
  Mailboxes retry_ GUARDED_BY(mutex_);  // something was in the way: tried again now and then
  std::set<std::weak_ptr<MailboxImpl>, std::owner_less<>> settling_
      GUARDED_BY(mutex_);  // nothing to do but to note that
  bool busy_ GUARDED_BY(mutex_) = false, failed_ GUARDED_BY(mutex_) = false, stopping_ GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace store
