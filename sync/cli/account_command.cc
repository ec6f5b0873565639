// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// postern COMMAND [ACCOUNT...] [ARGUMENT...] on one account, or on several side by side: none waits for another.
#include <sysexits.h>
#include <unistd.h>

#include <asio/this_coro.hpp>

#include <algorithm>
#include <cstdio>
#include <optional>
#include <thread>

#include <nlohmann/json.hpp>

#include "proto/base/mutex.h"
#include "sync/cli/ask_owner.h"
#include "sync/cli/choose_accounts.h"
#include "sync/cli/commands.h"
#include "sync/cli/hooks_here.h"
#include "sync/cli/output.h"
#include "sync/engine/listening.h"

namespace mirror {

namespace {

using Json = nlohmann::ordered_json;

// Between two foreign servers this process is what else the owner of a store is.
asio::awaitable<void> run_with_hooks(Account& account, Words words, CommandOutput& output, int& code) {
  const auto executor = co_await asio::this_coro::executor;
  if (words.command == "trace") {
    output.complain(
        "nothing keeps these two servers the same just now (postern watch does); --debug shows the wire of a command");
    code = EX_USAGE;
    co_return;
  }
  HooksHere hooks(executor, account);
  {
    Listening listening(executor, output, true);
    listen_as_asked(listening, *account.tracing(), words.arguments);
    code = co_await run_command(account, words, output);
  }
  co_await hooks.ended();
}

int run_here(const Config& config, const Words& words, CommandOutput& output) {
  int code = EX_SOFTWARE;
  const auto use = only_reads(words.command) ? Account::Use::Knowledge : Account::Use::Passes;
  try {
    Account account(config, nullptr, base::Log(), use);
    const auto work = [&]() -> asio::awaitable<void> { co_await run_with_hooks(account, words, output, code); };
    run_to_end(work(), account.workers());
  } catch (const Failure& failure) {
    output.complain(failure.what());
    return exit_code_of(failure.reason);
  }
  return code;
}

// Between two foreign servers: what is known may be read by anybody; else whoever has the state does it.
int run(const OwnersCommand& command, CommandOutput& output) {
  if (!is_pair(command.account)) return ask_the_owner(command, output);
  std::optional<int> code;
  if (!only_reads(command.words.command)) code = ask_the_watcher(command, output);
  return code ? *code : run_here(command.account, command.words, output);
}

int run_one(const Chosen& chosen, const Config& account, const Words& words, bool quiet) {
  TerminalOutput output(quiet);
  return run({chosen.file, account, words}, output);
}

// Mail goes only after a yes: here, where the terminal is, and not where the mailboxes are.
int delete_with_consent(const Chosen& chosen, const Config& account, const CommandLine& line) {
  Words words{"delete", chosen.arguments};
  words.arguments.insert(words.arguments.begin(), "tell");
  const int code = line.yes ? 0 : run_one(chosen, account, words, false);
  if (code != 0 && code != kWantsConsent) return code;
  if (code == kWantsConsent) {
    if (::isatty(STDIN_FILENO) == 0) {
      std::fprintf(stderr, "postern: nothing was deleted; --yes says that all this is to go\n");
      return EX_USAGE;
    }
    std::fprintf(stderr, "Delete all this for good? [y/N] ");
    const int answer = std::getchar();
    if (answer != 'y' && answer != 'Y') {
      std::fprintf(stderr, "postern: nothing was deleted\n");
      return 1;
    }
  }
  words.arguments.front() = kDo;
  return run_one(chosen, account, words, line.quiet);
}

struct Answer {
  KeptOutput output;
  int code = 0;
};

// Of several accounts, as of one.
class JoinedProgress {
 public:
  JoinedProgress(const std::vector<AccountEntry>& accounts, CommandOutput& output)
      : accounts_(accounts), output_(output), latest_(accounts.size()) {}

  void show(std::size_t account, const ProgressReport& report) EXCLUDES(mutex_) {
    const base::MutexLock lock(mutex_);
    latest_[account] = report;
    ProgressReport all;
    for (const auto& one : latest_) {
      all.done += one.done;
      all.of += one.of;
      all.octets += one.octets;
      all.time = std::max(all.time, one.time);
    }
    all.mailbox = accounts_[account].name + (report.mailbox.empty() ? "" : " " + report.mailbox);
    output_.show_progress(all);
  }

 private:
  const std::vector<AccountEntry>& accounts_;
  CommandOutput& output_;
  base::Mutex mutex_;
  std::vector<ProgressReport> latest_ GUARDED_BY(mutex_);
};

Json object_of(const AccountEntry& entry, const Answer& answer) {
  Json out{{"account", entry.name}, {"good", false}};
  for (const auto& [complaint, text] : answer.output.lines()) {
    auto said = Json::parse(text, nullptr, false);
    if (!complaint && said.is_object()) return said;
    out["error"] = text;
  }
  return out;
}

// Of one that gives no object of an account: where it says nothing but complaints, they are one.
int run_with_object(const Chosen& chosen, const Config& account, const Words& words) {
  KeptOutput kept;
  const int code = run({chosen.file, account, words}, kept);
  bool any = false;
  std::string complaints;
  for (const auto& [complaint, text] : kept.lines()) {
    if (complaint) complaints += (complaints.empty() ? "" : "; ") + text;
    any = any || !complaint;
  }
  if (!any && code != 0) {
    complain({base::Reason::Failed, complaints});
    return code;
  }
  TerminalOutput output(false);
  kept.give_to(output, "");
  return code;
}

// The largest of their codes.
int run_all(const Chosen& chosen, const CommandLine& line, bool json) {
  TerminalOutput output(line.quiet && !json);
  JoinedProgress progress(chosen.accounts, output);
  std::vector<Answer> answers(chosen.accounts.size());
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < answers.size(); ++i) {
    const auto& config = chosen.accounts[i].config;
    auto& answer = answers[i];
    if (!json) answer.output = KeptOutput([&progress, i](const ProgressReport& report) { progress.show(i, report); });
    if (config) {
      threads.emplace_back([&, words = Words{line.words.command, chosen.arguments}] {
        answer.code = run({chosen.file, *config, words}, answer.output);
      });
      continue;
    }
    answer.output.complain(config.error().text);
    answer.code = exit_code_of(config.error().reason);
  }
  for (auto& thread : threads) thread.join();
  Json all = Json::array();
  int code = 0;
  for (std::size_t i = 0; i < answers.size(); ++i) {
    const auto& entry = chosen.accounts[i];
    code = std::max(code, answers[i].code);
    if (json)
      all.push_back(object_of(entry, answers[i]));
    else
      answers[i].output.give_to(output,
                                answers.size() == 1 || names_itself(line.words.command) ? "" : entry.name + ": ");
  }
  if (json) output.say(all.dump(2, ' ', false, Json::error_handler_t::replace));
  return code;
}

// At the first time what is only here goes to the server only after a yes.
int sync_with_consent(const Chosen& chosen, const Config& account, const CommandLine& line) {
  Words words{"sync", chosen.arguments};
  if (line.yes || ::isatty(STDIN_FILENO) == 0) return run_one(chosen, account, words, line.quiet);
  words.arguments.push_back("--ask");
  const int code = run_one(chosen, account, words, line.quiet);
  if (code != kWantsConsent) return code;
  std::fprintf(stderr, "This is the first time. Do all this, also on the server? n: only fetch. [y/N] ");
  const int answer = std::getchar();
  words.arguments.pop_back();
  if (answer == 'y' || answer == 'Y') words.arguments.push_back("--yes");
  return run_one(chosen, account, words, line.quiet);
}

}  // namespace

int account_command(const CommandLine& line) {
  auto chosen = choose_accounts(line);
  if (!chosen) return complain(chosen.error());
  const auto& command = line.words.command;
  const auto& first = chosen->accounts.front().config;
  const bool json = gives_objects(command) && std::ranges::find(chosen->arguments, "--json") != chosen->arguments.end();
  if (command == "sync" && line.yes) chosen->arguments.push_back("--yes");
  if (command == "trace") std::setvbuf(stdout, nullptr, _IOLBF, 0);  // whoever reads it sees each line at once
  if (line.verbose && command != "trace") chosen->arguments.push_back(line.debug ? "--debug" : "--verbose");
  if (chosen->accounts.size() > 1 || json) return run_all(*chosen, line, json);
  if (!first) return complain(first.error());
  if (wants_json(chosen->arguments)) return run_with_object(*chosen, *first, {command, chosen->arguments});
  if (command == "sync") return sync_with_consent(*chosen, *first, line);
  if (command == "delete") return delete_with_consent(*chosen, *first, line);
  return run_one(*chosen, *first, {command, chosen->arguments}, line.quiet);
}

}  // namespace mirror
