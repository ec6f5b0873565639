// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Engine: the sync inside the process that owns a store: passes in the background, when something has changed on either
// side and at intervals, and postern's commands. All on one thread; passes and commands one after the other.
#pragma once

#include <asio/any_io_executor.hpp>
#include <asio/awaitable.hpp>
#include <asio/steady_timer.hpp>

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "proto/base/log.h"
#include "store/mail_store.h"
#include "sync/account/account.h"
#include "sync/command/command.h"

namespace mirror {

class Client;

class Engine {
 public:
  // The store outlives the engine. No coroutine of the engine is resumed after its end: its executor's context runs
  // until stop() has told `stopped`, or is stopped for good before.
  Engine(asio::any_io_executor executor, store::MailStore& mail_store, base::Log log);
  ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  // From now on the store is kept the same as the remote side of this configuration. A second call changes nothing.
  void start(const std::filesystem::path& config);

  // Why nothing is synchronised with this configuration, for a mail client: one line that names no file. nullopt:
  // nothing is wrong with the configuration.
  std::optional<std::string> trouble_with(const std::filesystem::path& config) const;

  // Runs a command and returns its exit code.
  asio::awaitable<int> run(std::filesystem::path config, Words words, CommandOutput& output);
  void cancel(const CommandOutput& output);  // the command that says things there, where it is under way, ends soon

  // What is under way ends soon; `stopped` is called when nothing of the background is left.
  void stop(std::function<void()> stopped);

 private:
  class Turn;
  asio::awaitable<void> background(std::filesystem::path config);
  asio::awaitable<void> watch_remote(std::shared_ptr<Account> account);
  asio::awaitable<void> pass_in_background(std::filesystem::path config);
  asio::awaitable<void> wait(std::chrono::milliseconds at_most);
  asio::awaitable<void> wait_for_change(std::filesystem::path config, std::chrono::milliseconds at_most);
  asio::awaitable<std::unique_ptr<Turn>> take_turn();
  void spawn(asio::awaitable<void> work);
  base::Result<Config> read(const std::filesystem::path& file) const;
  void give_way_to(const Config& config);
  void on_good_news();
  base::Result<std::shared_ptr<Account>> account_for(const std::filesystem::path& config);
  void kick();  // something has changed somewhere

  asio::any_io_executor executor_;
  store::MailStore& store_;
  base::Log log_;
  std::shared_ptr<Account> account_;  // of the configuration used last, with its connections
  store::Subscription subscription_;
  asio::steady_timer event_, turn_;
  const CommandOutput* running_for_ = nullptr;
  std::shared_ptr<Account> running_;     // whose turn it is
  std::shared_ptr<Account> superseded_;  // ended for the sake of a configuration that has changed
  std::shared_ptr<Client> watcher_;      // in IDLE
  std::function<void()> stopped_;
  std::size_t coroutines_ = 0;  // of its own; who runs a command knows when that has ended
  int failures_ = 0;            // one after the other
  base::Reason last_reason_ = base::Reason::Failed;
  std::string last_failure_;
  std::string config_stamp_;           // of the configuration that the last pass in the background read
  std::vector<std::string> problems_;  // of the last pass: said in the log when they are new
  bool busy_ = false;                  // somebody has the turn
  bool started_ = false, stopping_ = false, kicked_ = false, watching_ = false;
  std::chrono::steady_clock::time_point next_watch_;  // not tried again before
};

}  // namespace mirror
