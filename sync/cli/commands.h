// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// postern's command line. Commands on an account (sync/command/) are done by the owner of the store, which is started
// where there is none; between two foreign servers, here.
#pragma once

#include <asio/awaitable.hpp>

#include <string>
#include <vector>

#include "sync/command/command.h"

namespace mirror {

// What postern init need not ask for.
struct InitOptions {
  std::string from;  // another tool
  std::string user, password_command, store;
  std::string account;  // the configuration is that of one account more, beside "config"
};

struct CommandLine {
  std::string config;
  bool quiet = false;
  bool verbose = false;
  bool debug = false;  // and show the wire
  bool yes = false;    // consent that mail is deleted, or sent at the first time
  Words words;
  InitOptions init;
};

// Each returns the process's exit code.
int account_command(const CommandLine& line);
int doctor_command(const CommandLine& line);
int watch_command(const CommandLine& line);
int init_command(const CommandLine& line);
int help_command(const CommandLine& line);  // words: a command, or "configuration"

std::string command_list();  // for --help: completions are made of it (tools/completions.py)
std::string version_text();  // with the versions of the libraries

// Says on stderr what is wrong, and, after say_errors_as_json, as an object on stdout; the code is the process's then.
int complain(const base::Refusal& refusal);
// What a command that was asked for JSON could not do at all is told so: of this command.
void say_errors_as_json(const std::string& command);

// Runs a coroutine in a loop of its own until it ends; SIGINT and SIGTERM end it early, by an exception.
void run_to_end(asio::awaitable<void> work, transport::WorkerPool& workers);

}  // namespace mirror
