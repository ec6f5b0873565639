// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Engine: postern's commands, between the passes of the background.
#include <sysexits.h>

#include <algorithm>
#include <utility>

#include "sync/engine/engine.h"
#include "sync/engine/listening.h"

namespace mirror {

base::Result<Config> Engine::config_for(const AccountCommand& command) const {
  const auto accounts = read_accounts(command.config);
  const AccountEntry* other = nullptr;
  for (const auto& one : accounts) {
    if (!command.account.empty() && one.name != command.account) continue;
    if (one.config && is_ours(one)) return one.config;
    other = &one;
  }
  if (other == nullptr)
    return base::refuse(base::Reason::Configuration,
                        command.config.string() + ": there is no account " + command.account);
  if (!other->config) return other->config;
  return base::refuse(base::Reason::Configuration,
                      other->config->file.string() + ": [local] is not " +
                          (store_ != nullptr ? "the store " + store_->root().string() : "of this process"));
}

asio::awaitable<int> Engine::run(AccountCommand command, CommandOutput& output) {
  auto& words = command.words;
  const auto refuse = [&](const base::Refusal& why) {
    output.complain(why.text);
    return exit_code_of(why.reason);
  };
  auto config = config_for(command);
  if (!config) co_return refuse(config.error());
  const auto turns = turns_of(*config);
  if (words.command == "trace")  // waits for nobody
    co_return co_await trace_command(turns->tracing(), words.arguments, output, [this] { return stopping_; });
  Listening listening(executor_, output, true);
  listen_as_asked(listening, turns->tracing(), words.arguments);
  if (only_reads(words.command)) {  // and waits for nobody
    auto* const store = is_pair(*config) ? nullptr : store_;
    Account reader(std::move(*config), store, log_, Account::Use::Knowledge);
    co_return co_await run_command(reader, words, output);
  }
  turns->give_way_to(*config);
  const auto turn = co_await turns->take();
  if (!output.is_heard()) co_return EX_TEMPFAIL;  // ended (Ctrl-C) while it waited
  const auto account = turns->use(*config, &output);
  if (!account) co_return refuse(account.error());
  (*account)->keep_connections(started_);
  (*account)->use_environment(words.environment);
  const int code = co_await run_command(**account, words, output);
  auto* const background = background_of(*config);
  if (background == nullptr) co_return code;
  if (words.command == "sync" && (code <= 1 || code == kHeldExit)) background->on_good_news();
  if (code == 0 && (words.command == "allow" || words.command == "restore" || words.command == "undo"))
    background->kick();
  co_return code;
}

Background* Engine::background_of(const Config& config) {
  for (const auto& one : accounts_)
    if (one->config && one->config->database == config.database && is_pair(*one->config) == is_pair(config))
      if (const auto at = backgrounds_.find(one->key); at != backgrounds_.end()) return at->second.get();
  return nullptr;
}

void Engine::cancel(const CommandOutput& output) {
  for (const auto& [database, turns] : turns_) turns->cancel(output);
}

}  // namespace mirror
