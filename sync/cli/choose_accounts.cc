// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// The first words that are names of accounts (or of their states, with or without ".db") are accounts; the others are
// the command's. Of a single account the name may be left out.
#include "sync/cli/choose_accounts.h"

#include <algorithm>
#include <system_error>

#include "proto/base/files.h"
#include "sync/config/log_prefix.h"

namespace mirror {

namespace {

bool is_called(const AccountEntry& entry, const std::string& word) {
  const auto& state = entry.known.database;
  return word == entry.name || (!state.empty() && (word == state || word + ".db" == state));
}

std::string names_of(const std::vector<AccountEntry>& all) {
  std::string out;
  for (const auto& one : all) out += (out.empty() ? "" : ", ") + one.name;
  return out;
}

// Its directory is made where it is missing.
base::Result<void> set_up_log(const CommandLine& line, const std::vector<AccountEntry>& accounts) {
  base::set_log_level(line.verbose ? base::LogLevel::Debug : base::LogLevel::Error);
  for (const auto& one : accounts) {
    if (!one.config || one.config->logfile.empty()) continue;
    const auto& file = one.config->logfile;
    try {
      base::make_directories(std::filesystem::absolute(file).parent_path());
      base::set_log_file(file);
      if (const auto& prefix = one.config->log_prefix) set_log_prefix(*prefix);
    } catch (const std::system_error& error) {
      return base::refuse(base::Reason::Configuration, one.config->file.string() + ": the logfile " + file +
                                                           " cannot be written: " + error.code().message());
    }
    base::set_log_level(line.verbose ? base::LogLevel::Debug : base::LogLevel::Info);
    break;
  }
  return {};
}

// Of several, where none is named.
base::Result<std::vector<AccountEntry>> unnamed(std::vector<AccountEntry> all, const std::string& command) {
  if (all.size() == 1 || is_about_all(command)) return all;
  const auto right = std::ranges::find_if(all, [](const auto& one) { return one.config.has_value(); });
  if (is_about_store(command) && right != all.end()) {
    const bool one_store = std::ranges::all_of(all, [&](const auto& one) {
      return !one.store || (right->store && is_same_directory(*one.store, *right->store));
    });
    if (one_store) return std::vector{*right};
  }
  return base::refuse(base::Reason::Usage, command + " is about one account: name it first (" + names_of(all) + ")");
}

}  // namespace

base::Result<Chosen> choose_accounts(const CommandLine& line) {
  const auto file = find_config(line.config);
  if (!file)
    return base::refuse(base::Reason::Configuration,
                        "there is no configuration; postern init writes one, --config FILE names one");
  Chosen out{*file, {}, line.words.arguments};
  auto all = read_accounts(*file);
  const auto& command = line.words.command;
  // Whether a word is the only account's name or a mailbox's is found out by commands that know the mailboxes.
  const bool may_be_mailbox = all.size() == 1 && (command == "allow" || command == "restore");
  while (!out.arguments.empty() && !may_be_mailbox && command != "forget") {
    const auto at = std::ranges::find_if(all, [&](const auto& one) { return is_called(one, out.arguments.front()); });
    if (at == all.end()) break;
    out.accounts.push_back(*at);
    all.erase(at);
    out.arguments.erase(out.arguments.begin());
    if (!is_about_all(command)) break;
  }
  const auto stray = std::ranges::find_if(out.arguments, [](const auto& one) { return !one.starts_with("--"); });
  if (!takes_names(command) && stray != out.arguments.end())
    return base::refuse(base::Reason::Usage,
                        "there is no account " + *stray + "; there is " + names_of(read_accounts(*file)));
  if (out.accounts.empty()) {
    if (command == "sync" && !out.arguments.empty() && all.size() > 1)
      return base::refuse(base::Reason::Usage, out.arguments.front() + " is no account (" + names_of(all) +
                                                   "); where it is a mailbox, name its account first");
    auto those = unnamed(std::move(all), command);
    if (!those) return std::unexpected(those.error());
    out.accounts = std::move(*those);
  }
  if (const auto done = set_up_log(line, out.accounts); !done) return std::unexpected(done.error());
  return out;
}

}  // namespace mirror
