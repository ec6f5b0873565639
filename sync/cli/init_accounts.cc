// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// postern init where a directory holds the stores of several accounts: a named section for each, in one file.
#include <iostream>

#include "sync/cli/init.h"
#include "sync/cli/questions.h"
#include "sync/config/server_address.h"
#include "sync/switch/translation.h"

namespace mirror {

namespace {

// nullopt: it has no server, and is left out.
std::optional<TranslatedAccount> ask_for_account(const std::filesystem::path& store) {
  TranslatedAccount out;
  out.name = store.filename().string();
  std::optional<ServerAddress> server;
  while (!server) {
    const auto answer = ask("The IMAP server of " + out.name + " (nothing: it is left out)", "");
    if (answer.empty()) return std::nullopt;
    if (const auto address = parse_server_address(answer))
      server = *address;
    else
      complain(address.error());
  }
  const auto user = server->user.empty() ? ask("The user name there", "") : server->user;
  const auto command = ask("A command that prints the password (pass show mail, secret-tool lookup ...)", "");
  out.local.emplace_back("path", store.string());
  out.remote = {{"type", server->type}, {"host", server->host}};
  if (!server->port.empty()) out.remote.emplace_back("port", server->port);
  out.remote.emplace_back("username", user);
  if (!command.empty()) out.remote.emplace_back("password-command", command);
  return out;
}

}  // namespace

int init_accounts(const std::filesystem::path& file, const std::vector<std::filesystem::path>& stores) {
  Translation all;
  for (const auto& one : stores)
    if (auto account = ask_for_account(one)) all.accounts.push_back(std::move(*account));
  if (all.accounts.empty()) return complain({base::Reason::Usage, "without a server there is nothing to write"});
  const auto text = text_of(all, "# Written by postern init. man postern-config has all options.\n");
  const auto accounts = accounts_of(text, file);
  if (!accounts) return complain(accounts.error());
  int code = 0;
  for (const auto& one : *accounts) {
    if (one.remote.password_command.empty())
      std::cout << one.name << ": the login is not tried, since there is no password-command yet\n";
    else
      code = std::max(code, try_account(one));
  }
  if (code != 0 && !ask_yes("A login has failed. Write the configuration all the same?")) return code;
  write_config(file, text);
  std::cout << "Now: postern doctor, then postern plan, then postern sync\n";
  return 0;
}

}  // namespace mirror
