// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// AccountTurns: one state in the store, the account that uses it, and who has the turn: a pass in the background or a
// command, one after the other. Accounts with different states do not wait for each other.
#pragma once

#include <asio/any_io_executor.hpp>
#include <asio/awaitable.hpp>
#include <asio/steady_timer.hpp>

#include <functional>
#include <memory>

#include "proto/base/log.h"
#include "store/mail_store.h"
#include "sync/account/account.h"
#include "sync/command/command.h"

namespace mirror {

class AccountTurns {
 public:
  // ended: hears of each pass.
  using PassEnded = std::function<void(const Config&, const PassResult&, const ProblemNews&)>;
  // mail_store: null between two foreign servers.
  AccountTurns(const asio::any_io_executor& executor, store::MailStore* mail_store, base::Log log, PassEnded ended);

  class Turn;                                     // while it lives nobody else uses the account
  asio::awaitable<std::unique_ptr<Turn>> take();  // throws Failure when all ends

  // With this configuration, and its connections where it is the one that was used last. Only for who has the turn.
  base::Result<std::shared_ptr<Account>> use(const Config& config, const CommandOutput* output = nullptr);
  // What is under way with a configuration that has been mended since may wait for a password that nobody types.
  void give_way_to(const Config& config);
  void cancel(const CommandOutput& output);
  void stop();
  void leave();  // the account is not in the configuration any more: its state is anybody's
  // Whether the pass of this account was ended for the sake of a mended configuration; asked once.
  bool was_superseded(const std::shared_ptr<Account>& account);
  const std::shared_ptr<Account>& account() const { return account_; }
  Tracing& tracing() const { return *tracing_; }  // of its conversations, whatever the configuration is

 private:
  void drop_account();

  store::MailStore* store_;
  base::Log log_;
  PassEnded ended_;
  std::shared_ptr<Tracing> tracing_ = std::make_shared<Tracing>();
  asio::steady_timer turn_;
  std::shared_ptr<Account> account_;     // of the configuration used last, with its connections
  std::shared_ptr<Account> running_;     // whose turn it is
  std::shared_ptr<Account> superseded_;  // ended for the sake of a configuration that has changed
  const CommandOutput* running_for_ = nullptr;
  bool busy_ = false, stopping_ = false, leaving_ = false;
};

class AccountTurns::Turn {
 public:
  explicit Turn(AccountTurns& turns) : turns_(turns) { turns_.busy_ = true; }
  ~Turn();
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;

 private:
  AccountTurns& turns_;
};

}  // namespace mirror
