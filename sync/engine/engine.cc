// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "sync/engine/engine.h"

#include <sysexits.h>

#include <asio/co_spawn.hpp>
#include <asio/post.hpp>
#include <asio/redirect_error.hpp>
#include <asio/use_awaitable.hpp>

#include <algorithm>
#include <utility>

#include "sync/account/prefix_notes.h"
#include "sync/engine/listening.h"
#include "sync/other_prefixes.h"

namespace mirror {

namespace {

constexpr std::chrono::seconds kLookForAccounts{10};

// A mail client is shown no paths: "(/home/…)" is left out.
std::string without_files(std::string text) {
  for (auto at = text.find(" (/"); at != std::string::npos; at = text.find(" (/", at)) {
    const auto end = text.find(')', at);
    if (end == std::string::npos) break;
    text.erase(at, end + 1 - at);
  }
  return text;
}

}  // namespace

Engine::Engine(asio::any_io_executor executor, store::MailStore& mail_store, base::Log log)
    : executor_(std::move(executor)),
      store_(mail_store),
      log_(std::move(log)),
      network_(executor_, [this] { on_network_change(); }),
      look_(executor_) {}

Engine::~Engine() { subscription_.reset(); }

void Engine::spawn(asio::awaitable<void> work) {
  ++coroutines_;
  asio::co_spawn(executor_, std::move(work), [this](std::exception_ptr fault) {
    try {
      if (fault) std::rethrow_exception(fault);
    } catch (const std::exception& error) {
      log_.error("the sync failed", {{"why", error.what()}});
    }
    --coroutines_;
    if (stopping_ && coroutines_ == 0 && stopped_) std::exchange(stopped_, nullptr)();
  });
}

// A wrong one of which it cannot be told may be.
bool Engine::is_ours(const AccountEntry& one) const {
  if (one.config && one.config->local.type != ServerConfig::Type::Store) return false;
  return !one.store || is_same_directory(*one.store, store_.root());
}

std::string Engine::stamp() const { return accounts_stamp(config_); }

void Engine::refresh() {
  const auto now = stamp();
  if (now == accounts_stamp_ && !accounts_.empty()) return;
  accounts_stamp_ = now;
  look_.cancel();  // supervise() starts what has come
  accounts_.clear();
  for (auto& one : read_accounts(config_))
    if (is_ours(one)) accounts_.push_back(std::make_shared<AccountEntry>(std::move(one)));
}

std::shared_ptr<const AccountEntry> Engine::entry(const std::string& key) {
  refresh();
  const auto at = std::ranges::find(accounts_, key, [](const auto& one) { return one->key; });
  return at == accounts_.end() ? nullptr : *at;
}

std::shared_ptr<AccountTurns> Engine::turns_of(const std::string& database) {
  auto& out = turns_[database];
  if (!out)
    out = std::make_shared<AccountTurns>(
        executor_, store_, log_, [this](const Config& config, const PassResult& result, const ProblemNews& problems) {
          on_pass_end(config, result, problems);
        });
  return out;
}

Hooks& Engine::hooks_of(const Config& config) {
  auto& out = hooks_[config.database];
  if (out) return *out;
  // Not among the coroutines that stop() waits for.
  const auto spawn = [this](asio::awaitable<void> work) {
    asio::co_spawn(executor_, std::move(work), [this](std::exception_ptr fault) {
      if (fault) log_.error("a hook failed", {{"why", "no memory, or a fault of ours"}});
    });
  };
  out = std::make_shared<Hooks>(spawn, log_.with({"account", config.name}));
  out->on_quiet = [this] {
    if (!has_hooks_running() && on_quiet) on_quiet();
  };
  return *out;
}

bool Engine::has_hooks_running() const {
  return std::ranges::any_of(hooks_, [](const auto& one) { return one.second->is_busy(); });
}

void Engine::on_pass_end(const Config& config, const PassResult& result, const ProblemNews& problems) {
  if (stopping_) return;
  hooks_of(config).tell(config, result, problems);
  if (on_held && !result.end && result.whole) on_held(config.name, result.held_in);
}

std::optional<std::string> Engine::trouble_with(const std::filesystem::path& file) const {
  const auto accounts = read_accounts(file);
  for (const auto& one : accounts) {
    const auto off = accounts.size() > 1
                         ? "Mail of the account " + one.name + " is served, but not synchronised: the configuration"
                         : std::string("Mail is served, but not synchronised: the configuration");
    const auto name = one.known.file.empty() ? file.string() : one.known.file.string();
    if (!one.config) {
      const auto& why = one.config.error().text;
      return off + (why.starts_with(name) ? why.substr(name.size()) : ": " + without_files(why));
    }
    if (accounts.size() == 1 && !is_ours(one)) return off + " is about another store";
  }
  return std::nullopt;
}

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
                      other->config->file.string() + ": [local] is not the store " + store_.root().string());
}

asio::awaitable<int> Engine::run(AccountCommand command, CommandOutput& output) {
  auto& words = command.words;
  const auto refuse = [&](const base::Refusal& why) {
    output.complain(why.text);
    return exit_code_of(why.reason);
  };
  auto config = config_for(command);
  if (!config) co_return refuse(config.error());
  const auto turns = turns_of(config->database);
  if (words.command == "trace")  // waits for nobody
    co_return co_await trace_command(turns->tracing(), words.arguments, output, [this] { return stopping_; });
  Listening listening(executor_, output, true);
  listen_as_asked(listening, turns->tracing(), words.arguments);
  if (only_reads(words.command)) {  // and waits for nobody
    Account reader(std::move(*config), &store_, log_);
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
  auto* const background = background_of(config->database);
  if (background == nullptr) co_return code;
  if (words.command == "sync" && (code <= 1 || code == kHeldExit)) background->on_good_news();
  if (code == 0 && (words.command == "allow" || words.command == "restore" || words.command == "undo"))
    background->kick();
  co_return code;
}

Background* Engine::background_of(const std::string& database) {
  for (const auto& one : accounts_)
    if (one->config && one->config->database == database)
      if (const auto at = backgrounds_.find(one->key); at != backgrounds_.end()) return at->second.get();
  return nullptr;
}

void Engine::cancel(const CommandOutput& output) {
  for (const auto& [database, turns] : turns_) turns->cancel(output);
}

void Engine::start(const std::filesystem::path& config) {
  if (std::exchange(started_, true)) return;
  config_ = config;
  subscription_ = store_.subscribe(
      [this](const store::StoreEvent& event) { asio::post(executor_, [this, event] { on_change(event); }); });
  spawn(supervise());
}

// An account whose mailbox it is not has nothing to look for.
void Engine::on_change(const store::StoreEvent& event) {
  for (const auto& one : accounts_) {
    const auto at = backgrounds_.find(one->key);
    if (at == backgrounds_.end()) continue;
    const auto& prefix = one->known.local.list_reference;
    const auto is_in = [&](const imap::MailboxName& name) {
      return (name.utf8() + store_.delimiter()).starts_with(prefix) || (name.is_inbox() && is_below_inbox(prefix));
    };
    const bool is_others =
        one->config && is_of_another(event.mailbox, store_.delimiter(), prefix, one->config->others_prefixes);
    if ((prefix.empty() && !is_others) || event.kind == store::StoreEvent::Kind::Subscriptions ||
        is_in(event.mailbox) || is_in(event.renamed_to))
      at->second->kick();
  }
}

void Engine::on_network_change() {
  if (backgrounds_.empty() || stopping_) return;
  log_.info("the network has changed, or the machine has slept", {});
  for (const auto& [key, background] : backgrounds_) background->on_network_change();
}

// Starts what has come to the configuration, says what has gone from it.
asio::awaitable<void> Engine::supervise() {
  while (!stopping_) {
    refresh();
    for (const auto& one : accounts_) {
      auto& background = backgrounds_[one->key];
      if (background) continue;
      const auto log = accounts_.size() > 1 ? log_.with({"account", one->name}) : log_;
      background = std::make_shared<Background>(executor_, static_cast<BackgroundHost&>(*this), one->key, log);
      spawn(background->run());
    }
    std::erase_if(backgrounds_, [this](const auto& one) {
      const bool gone = entry(one.first) == nullptr;
      if (gone) one.second->stop();
      return gone;
    });
    tell_of_removed();
    look_.expires_after(kLookForAccounts);
    asio::error_code ignored;
    co_await look_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  }
}

void Engine::tell_of_removed() {
  for (const auto& note : prefix_notes(store_)) {
    const bool is_there =
        std::ranges::any_of(accounts_, [&](const auto& one) { return one->known.database == note.database; });
    if (is_there || std::ranges::find(told_removed_, note.database) != told_removed_.end()) continue;
    told_removed_.push_back(note.database);
    log_.warning("an account is not in the configuration any more; its mail stays, and goes nowhere",
                 {{"account", note.name}, {"prefix", note.prefix}, {"state", note.database}});
  }
}

void Engine::stop(std::function<void()> stopped) {
  stopping_ = true;
  subscription_.reset();
  look_.cancel();
  for (const auto& [name, background] : backgrounds_) background->stop();
  for (const auto& [database, turns] : turns_) turns->stop();
  stopped_ = std::move(stopped);
  if (coroutines_ == 0) std::exchange(stopped_, nullptr)();
}

}  // namespace mirror
