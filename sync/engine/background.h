// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Background: one account's passes that nobody asks for: when something has changed on either side, and at intervals.
#pragma once

#include <asio/any_io_executor.hpp>
#include <asio/awaitable.hpp>
#include <asio/steady_timer.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "proto/base/log.h"
#include "sync/config/accounts.h"
#include "sync/engine/account_turns.h"
#include "sync/engine/daily_verification.h"
#include "sync/engine/listener.h"

namespace mirror {

// What a background needs of the engine.
class BackgroundHost {
 public:
  virtual ~BackgroundHost() = default;
  // What the configuration says of this account now; nullptr: it is not there any more.
  virtual std::shared_ptr<const AccountEntry> entry(const std::string& key) = 0;
  virtual std::string stamp() const = 0;  // changes with the configuration
  virtual std::shared_ptr<AccountTurns> turns_of(const Config& config) = 0;
  virtual void on_taken(const Config& config) = 0;  // the account's state is this process's now
  virtual void spawn(asio::awaitable<void> work) = 0;
};

class Background : public std::enable_shared_from_this<Background> {
 public:
  Background(asio::any_io_executor executor, BackgroundHost& host, std::string key, base::Log log);

  asio::awaitable<void> run();  // until stop(), or until the account is gone; holds itself
  void stop();
  void kick();  // something has changed somewhere
  void on_network_change();
  void on_good_news();  // somebody's pass went well: what the background has failed at is over

 private:
  asio::awaitable<void> pass();
  asio::awaitable<void> verify_some();
  void note(const std::optional<base::Refusal>& end);
  void make_listeners();
  void stop_listeners();
  bool is_wanted(const Listener& one) const;  // it does not run, and no other one hears what it would
  void listen();
  std::chrono::milliseconds until_next_pass() const;
  std::chrono::milliseconds pause(bool login) const;  // after a failure
  asio::awaitable<void> wait(std::chrono::milliseconds at_most);
  asio::awaitable<void> wait_for_change(std::chrono::milliseconds at_most);

  BackgroundHost& host_;
  const std::string key_;  // AccountEntry::key
  base::Log log_;
  asio::steady_timer event_;
  std::shared_ptr<AccountTurns> turns_;               // of the state that the last pass used
  std::shared_ptr<Account> account_;                  // of the last pass
  std::vector<std::shared_ptr<Listener>> listeners_;  // of that account; a side's first is the one that may hear all
  DailyVerification verification_;
  int failures_ = 0;  // one after the other
  base::Reason last_reason_ = base::Reason::Failed;
  std::string last_failure_;
  std::string config_stamp_;           // of the configuration that the last pass read
  std::vector<std::string> problems_;  // of the last pass: said in the log when they are new
  bool stopping_ = false, kicked_ = false;
  bool network_changed_ = false;  // since the last pass began
};

}  // namespace mirror
