// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// postern's commands, one file each; each returns the process's exit code.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "sync/account.h"

namespace mirror {

struct CommandLine {
  std::string config;
  bool quiet = false;
  bool verbose = false;
  std::vector<std::string> arguments;  // behind the command
};

int sync_command(const CommandLine& line);
int status_command(const CommandLine& line);
int verify_command(const CommandLine& line);
int doctor_command(const CommandLine& line);
int init_command(const CommandLine& line);
int repair_command(const CommandLine& line);

// What most of them begin with. Says on stderr what is wrong; the code is the process's then.
base::Result<Config> configuration(const CommandLine& line);
int complain(const base::Refusal& refusal);

// The store (where the local side is one) and the account on it. Refuses InUse where an owner holds the store.
struct OpenAccount {
  std::unique_ptr<store::MailStore> mail_store;
  std::unique_ptr<Account> account;
};
base::Result<OpenAccount> open_account(const Config& config);

// Runs a coroutine in a loop of its own until it ends; SIGINT and SIGTERM end it early, by an exception.
void run_to_end(asio::awaitable<void> work, Workers& workers);

}  // namespace mirror
