// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Postern's commands on an account, one file each. They run where the account is: in the owner of the store, or,
// between two foreign servers, in postern itself.
#pragma once

#include <asio/awaitable.hpp>

#include <string>
#include <vector>

#include "sync/account/account.h"

namespace mirror {

// Where a command says what it has to say; a text has no line end.
class CommandOutput {
 public:
  virtual ~CommandOutput() = default;
  virtual void say(const std::string& text) = 0;
  virtual void complain(const std::string& text) = 0;
  virtual void show_progress(const std::string& text) = 0;  // replaces what was shown before
  virtual bool is_heard() const { return true; }            // false: whoever asked is gone
};

struct Words {
  std::string command;
  std::vector<std::string> arguments;
};

// Each returns the exit code of the process that was asked. No two at once on one account.
asio::awaitable<int> sync_command(Account& account, CommandOutput& output);
asio::awaitable<int> status_command(Account& account, CommandOutput& output);
asio::awaitable<int> verify_command(Account& account, CommandOutput& output);
asio::awaitable<int> repair_command(Account& account, const std::vector<std::string>& mailboxes, CommandOutput& output);

bool is_account_command(const std::string& name);
asio::awaitable<int> run_command(Account& account, const Words& words, CommandOutput& output);

}  // namespace mirror
