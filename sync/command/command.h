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
  virtual void show_progress(const ProgressReport& report) = 0;  // replaces what was shown before
  virtual void say_beside(const std::string& text) = 0;          // what goes on meanwhile: on standard error
  virtual std::size_t waiting() const { return 0; }              // octets that were said, and are not taken yet
  virtual bool is_heard() const { return true; }                 // false: whoever asked is gone
};

inline constexpr const char* kDo = "do";
inline constexpr int kWantsConsent = 3;

struct Words {
  std::string command;
  std::vector<std::string> arguments;
  std::vector<std::string> environment{};  // of the caller, as far as commands that ask for passwords need it
};

// Each returns the exit code of the process that was asked. No two at once on one account.
// With --json the object of docs/json.md, in one line.
// Besides mailboxes: --yes: what is only here may be sent also at the first time; --ask: where that is needed, the plan
// is shown, and kWantsConsent is returned; --repair: each mailbox is listed whole and compared with what is known.
asio::awaitable<int> sync_command(Account& account, const std::vector<std::string>& words, CommandOutput& output);
asio::awaitable<int> plan_command(Account& account, const std::vector<std::string>& words, CommandOutput& output);
asio::awaitable<int> status_command(Account& account, const std::vector<std::string>& words, CommandOutput& output);
asio::awaitable<int> list_command(Account& account, const std::vector<std::string>& words, CommandOutput& output);
asio::awaitable<int> forget_command(Account& account, const std::vector<std::string>& words, CommandOutput& output);
asio::awaitable<int> verify_command(Account& account, const std::vector<std::string>& words, CommandOutput& output);
asio::awaitable<int> repair_command(Account& account, const std::vector<std::string>& mailboxes, CommandOutput& output);
asio::awaitable<int> allow_command(Account& account, const std::vector<std::string>& words, CommandOutput& output);
asio::awaitable<int> removed_command(Account& account, const std::vector<std::string>& words, CommandOutput& output);
asio::awaitable<int> undo_command(Account& account, const std::vector<std::string>& words, CommandOutput& output);
asio::awaitable<int> why_command(Account& account, const std::vector<std::string>& words, CommandOutput& output);
asio::awaitable<int> restore_command(Account& account, const std::vector<std::string>& words, CommandOutput& output);
// Among the arguments --target=local, --target=remote, --target=database: only there.
// The first argument: kDo; anything else: it only says what would go, and returns kWantsConsent where that is mail.
asio::awaitable<int> delete_command(Account& account, const std::vector<std::string>& arguments, CommandOutput& output);
asio::awaitable<int> rename_command(Account& account, const std::vector<std::string>& arguments, CommandOutput& output);

bool is_account_command(const std::string& name);
bool takes_names(const std::string& name);     // besides accounts; else its arguments are accounts
bool is_about_all(const std::string& name);    // where no account is named; else one must be, where there are several
bool is_about_store(const std::string& name);  // whatever the account is
bool gives_objects(const std::string& name);   // with --json, one of each account
bool wants_json(const std::vector<std::string>& words);
bool names_itself(const std::string& name);  // what it says names the account
bool only_reads(const std::string& name);    // what is known, and waits for nobody
asio::awaitable<int> run_command(Account& account, const Words& words, CommandOutput& output);

}  // namespace mirror
