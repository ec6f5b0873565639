// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Worker: the thread that does what follows behind: renames and unlinks, and a little later the notes that save the
// next open a scan.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <set>
#include <thread>

#include "proto/base/log.h"

namespace store {

class MailboxImpl;

class Worker {
 public:
  explicit Worker(base::Log log);
  ~Worker() { stop(); }
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  void add(std::shared_ptr<MailboxImpl> mailbox);
  void drain();  // waits until the files' names say what the index says, as far as that can be
  void stop();   // when what it does just now is done; add() does nothing any more

 private:
  using Mailboxes = std::set<std::shared_ptr<MailboxImpl>>;
  void run();
  void work_on(const std::shared_ptr<MailboxImpl>& mailbox, std::unique_lock<std::mutex>& lock);
  void settle(std::unique_lock<std::mutex>& lock);

  base::Log log_;
  std::mutex mutex_;  // of what is below
  std::condition_variable due_, done_;
  Mailboxes queue_;
  Mailboxes retry_;     // something was in the way: tried again now and then
  Mailboxes settling_;  // nothing to do but to note that
  bool busy_ = false, failed_ = false, stopping_ = false;
  std::thread thread_;
};

}  // namespace store
