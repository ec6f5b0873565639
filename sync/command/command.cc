// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "sync/command/command.h"

#include <sysexits.h>

#include <algorithm>
#include <system_error>

namespace mirror {

namespace {

asio::awaitable<int> dispatch(Account& account, const Words& words, CommandOutput& output) {
  if (words.command == "sync") co_return co_await sync_command(account, words.arguments, output);
  if (words.command == "plan") co_return co_await plan_command(account, words.arguments, output);
  if (words.command == "status") co_return co_await status_command(account, words.arguments, output);
  if (words.command == "list") co_return co_await list_command(account, words.arguments, output);
  if (words.command == "forget") co_return co_await forget_command(account, words.arguments, output);
  if (words.command == "verify") co_return co_await verify_command(account, words.arguments, output);
  if (words.command == "repair") co_return co_await repair_command(account, words.arguments, output);
  if (words.command == "delete") co_return co_await delete_command(account, words.arguments, output);
  if (words.command == "rename") co_return co_await rename_command(account, words.arguments, output);
  if (words.command == "allow") co_return co_await allow_command(account, words.arguments, output);
  if (words.command == "restore") co_return co_await restore_command(account, words.arguments, output);
  if (words.command == "removed") co_return co_await removed_command(account, words.arguments, output);
  if (words.command == "why") co_return co_await why_command(account, words.arguments, output);
  if (words.command == "undo") co_return co_await undo_command(account, words.arguments, output);
  output.complain("there is no command " + words.command);
  co_return EX_USAGE;
}

}  // namespace

bool only_reads(const std::string& name) { return name == "status" || name == "list"; }

bool gives_objects(const std::string& name) {
  return only_reads(name) || name == "plan" || name == "sync" || name == "verify";
}

bool names_itself(const std::string& name) { return only_reads(name) || name == "plan"; }

bool wants_json(const std::vector<std::string>& words) { return std::ranges::find(words, "--json") != words.end(); }

bool is_about_store(const std::string& name) {
  return name == "undo" || name == "removed" || name == "forget" || name == "why";
}

bool is_about_all(const std::string& name) {
  return name == "sync" || name == "plan" || name == "status" || name == "list" || name == "verify" ||
         name == "doctor" || name == "watch";
}

bool takes_names(const std::string& name) {
  return is_about_store(name) || name == "sync" || name == "repair" || name == "delete" || name == "rename" ||
         name == "allow" || name == "restore" || name == "trace";
}

bool is_account_command(const std::string& name) {
  return (is_about_all(name) && name != "doctor" && name != "watch") || takes_names(name);
}

asio::awaitable<int> run_command(Account& account, const Words& words, CommandOutput& output) {
  try {
    co_return co_await dispatch(account, words, output);
  } catch (const Failure& failure) {
    output.complain(failure.what());
    co_return exit_code_of(failure.reason);
  } catch (const std::system_error& error) {
    output.complain(error.what());
    co_return exit_code_of(reason_of(error.code()));
  }
}

}  // namespace mirror
