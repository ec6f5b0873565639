// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Engine: the sync inside the process that owns a store, or that keeps pairs of foreign servers the same: each
// account's passes in the background, and postern's commands. All on one thread; passes and commands of one account one
// after the other, those of different accounts side by side.
#pragma once

#include <asio/any_io_executor.hpp>
#include <asio/awaitable.hpp>
#include <asio/steady_timer.hpp>

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sync/engine/background.h"
#include "sync/engine/command_door.h"
#include "sync/engine/network_watch.h"
#include "sync/hooks/hooks.h"

namespace mirror {

// What a caller asks for: a command on an account of a configuration.
struct AccountCommand {
  std::filesystem::path config;
  std::string account;  // its name; empty: the first one of this store
  Words words;
};

class Engine final : BackgroundHost {
 public:
  // mail_store: outlives the engine; null: the accounts are those of two foreign servers alone. No coroutine of the
  // engine is resumed after its end: its executor's context runs until stop() has told `stopped`, or is stopped for
  // good before.
  Engine(asio::any_io_executor executor, store::MailStore* mail_store, base::Log log);
  ~Engine() override;
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  // From now on the store is kept the same as the remote sides of this configuration, and so are its pairs of foreign
  // servers. names: of these accounts alone; empty: of all. A second call changes nothing.
  void start(const std::filesystem::path& config, std::vector<std::string> names = {});

  // Why something is not synchronised with this configuration, for a mail client: one line that names no file. nullopt:
  // nothing is wrong with the configuration.
  std::optional<std::string> trouble_with(const std::filesystem::path& config) const;

  // Runs a command and returns its exit code.
  asio::awaitable<int> run(AccountCommand command, CommandOutput& output);
  void cancel(const CommandOutput& output);  // the command that says things there, where it is under way, ends soon

  // Whether commands of the configuration (sync/hooks/hooks.h) still run; on_quiet is called when none does any more.
  bool has_hooks_running() const;
  std::function<void()> on_quiet;
  // Called after each pass that came to its end: where an account's removals wait for a person's word.
  std::function<void(const std::string& account, const std::vector<HeldRemovals>& held)> on_held;

  // What is under way ends soon; `stopped` is called when nothing of the background is left.
  void stop(std::function<void()> stopped);

 private:
  std::shared_ptr<const AccountEntry> entry(const std::string& key) override;
  std::string stamp() const override;
  std::shared_ptr<AccountTurns> turns_of(const Config& config) override;
  void on_taken(const Config& config) override;
  void spawn(asio::awaitable<void> work) override;

  asio::awaitable<void> supervise();
  bool is_ours(const AccountEntry& entry) const;
  void leave_gone();
  base::Result<Config> config_for(const AccountCommand& command) const;
  void refresh();
  void on_pass_end(const Config& config, const PassResult& result, const ProblemNews& problems);
  Hooks& hooks_of(const Config& config);
  void tell_of_removed();
  void on_change(const store::StoreEvent& event);
  void on_network_change();
  Background* background_of(const Config& config);

  asio::any_io_executor executor_;
  store::MailStore* store_;  // may be null
  base::Log log_;
  std::filesystem::path config_;  // of the background
  std::vector<std::string> names_;
  std::string accounts_stamp_;
  std::vector<std::shared_ptr<const AccountEntry>> accounts_;       // as of that stamp; of this store
  std::map<std::string, std::shared_ptr<Background>> backgrounds_;  // by AccountEntry::key
  std::map<std::string, std::shared_ptr<AccountTurns>> turns_;      // by state
  std::map<std::string, std::shared_ptr<Hooks>> hooks_;             // by state
  std::map<std::string, std::unique_ptr<CommandDoor>> doors_;       // by state, between two foreign servers
  std::vector<std::string> told_removed_;
  store::Subscription subscription_;
  NetworkWatch network_;
  asio::steady_timer look_;
  std::function<void()> stopped_;
  std::size_t coroutines_ = 0;  // of its own; who runs a command knows when that has ended
  bool started_ = false, stopping_ = false;
};

}  // namespace mirror
