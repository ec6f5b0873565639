// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "sync/engine/engine.h"

#include <asio/co_spawn.hpp>
#include <asio/post.hpp>
#include <asio/redirect_error.hpp>
#include <asio/use_awaitable.hpp>

#include <algorithm>
#include <utility>

#include "sync/account/prefix_notes.h"
#include "sync/engine/command_link.h"
#include "sync/other_prefixes.h"

namespace mirror {

namespace {

constexpr std::chrono::seconds kLookForAccounts{10};

// Where what is agreed is kept: in the store under a name, or in a file.
std::string state_of(const Config& config) {
  return is_pair(config) ? '\0' + config.journal_file().string() : config.database;
}

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

Engine::Engine(asio::any_io_executor executor, store::MailStore* mail_store, base::Log log)
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
  if (!names_.empty() && std::ranges::find(names_, one.name) == names_.end()) return false;
  if (is_pair(one.known)) return true;
  return store_ != nullptr && (!one.store || is_same_directory(*one.store, store_->root()));
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

std::shared_ptr<AccountTurns> Engine::turns_of(const Config& config) {
  auto& out = turns_[state_of(config)];
  if (!out)
    out =
        std::make_shared<AccountTurns>(executor_, is_pair(config) ? nullptr : store_, log_,
                                       [this](const Config& config, const PassResult& result,
                                              const ProblemNews& problems) { on_pass_end(config, result, problems); });
  return out;
}

void Engine::on_taken(const Config& config) {
  if (!is_pair(config) || stopping_ || doors_.contains(state_of(config))) return;
  auto& door = doors_[state_of(config)];  // where it cannot be made, that is said once
  const auto run = [this](base::FileDescriptor caller, std::vector<std::string> words) {
    if (!stopping_) spawn(run_for(*this, executor_, std::move(caller), std::move(words)));
  };
  try {
    door = std::make_unique<CommandDoor>(executor_, command_door_path(config), run);
  } catch (const std::system_error& error) {
    log_.warning("postern's commands about this account will find it in use",
                 {{"account", config.name}, {"why", error.what()}});
  }
}

// The states of pairs that are not in the configuration any more are anybody's.
void Engine::leave_gone() {
  for (const auto& [state, turns] : turns_) {
    const bool is_there =
        std::ranges::any_of(accounts_, [&](const auto& one) { return state_of(one->known) == state; });
    if (is_there || !state.starts_with('\0')) continue;
    doors_.erase(state);
    turns->leave();
  }
}

Hooks& Engine::hooks_of(const Config& config) {
  auto& out = hooks_[state_of(config)];
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

void Engine::start(const std::filesystem::path& config, std::vector<std::string> names) {
  if (std::exchange(started_, true)) return;
  config_ = config;
  names_ = std::move(names);
  if (store_ != nullptr)
    subscription_ = store_->subscribe(
        [this](const store::StoreEvent& event) { asio::post(executor_, [this, event] { on_change(event); }); });
  spawn(supervise());
}

// An account whose mailbox it is not has nothing to look for.
void Engine::on_change(const store::StoreEvent& event) {
  for (const auto& one : accounts_) {
    const auto at = backgrounds_.find(one->key);
    if (at == backgrounds_.end() || is_pair(one->known)) continue;
    const auto& prefix = one->known.local.list_reference;
    const auto is_in = [&](const imap::MailboxName& name) {
      return (name.utf8() + store_->delimiter()).starts_with(prefix) || (name.is_inbox() && is_below_inbox(prefix));
    };
    const bool is_others =
        one->config && is_of_another(event.mailbox, store_->delimiter(), prefix, one->config->others_prefixes);
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
    leave_gone();
    tell_of_removed();
    look_.expires_after(kLookForAccounts);
    asio::error_code ignored;
    co_await look_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  }
}

void Engine::tell_of_removed() {
  if (store_ == nullptr) return;
  for (const auto& note : prefix_notes(*store_)) {
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
  doors_.clear();
  look_.cancel();
  for (const auto& [name, background] : backgrounds_) background->stop();
  for (const auto& [database, turns] : turns_) turns->stop();
  stopped_ = std::move(stopped);
  if (coroutines_ == 0) std::exchange(stopped_, nullptr)();
}

}  // namespace mirror
