// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Listener: a connection on which a server says that something has changed: in one mailbox (IDLE), or, where it has
// NOTIFY (RFC 5465), in all of them.
#pragma once

#include <asio/awaitable.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "proto/base/log.h"
#include "sync/account/account.h"
#include "sync/mailbox_path.h"

namespace mirror {

class Client;

class Listener : public std::enable_shared_from_this<Listener> {
 public:
  using Clock = std::chrono::steady_clock;
  struct Place {
    Side side = Side::Remote;
    MailboxPath mailbox;
    bool asks_for_all = false;  // by NOTIFY, where the server has it
  };

  // heard: something may have changed, or the server is not heard any more; on the loop's thread.
  Listener(Place place, base::Log log, std::function<void()> heard);

  // Until the connection ends, or stop(). It holds itself and the account. Throws nothing of what servers do.
  asio::awaitable<void> run(std::shared_ptr<Account> account);
  void stop();   // for good
  void check();  // soon it is known whether the server is still there

  const Place& place() const { return place_; }
  bool is_running() const { return running_; }
  bool is_listening() const { return listening_; }  // and the server has taken it
  bool hears_all() const { return hears_all_; }
  // When it may be run (again); nullopt: the server cannot tell.
  std::optional<Clock::time_point> next() const { return next_; }

 private:
  asio::awaitable<void> run_to_end(std::shared_ptr<Listener> self, std::shared_ptr<Account> account);
  asio::awaitable<void> listen(Account& account);
  asio::awaitable<imap::MailboxName> name_there(const Account& account);
  Clock::time_point after(Clock::duration lasted);

  Place place_;
  base::Log log_;
  std::function<void()> heard_;
  std::string last_why_;  // it could not be
  std::shared_ptr<Client> client_;
  std::optional<Clock::time_point> next_ = Clock::time_point();
  int broken_ = 0;  // one after the other, soon after they began
  bool running_ = false, stopped_ = false, listening_ = false, hears_all_ = false;
};

}  // namespace mirror
