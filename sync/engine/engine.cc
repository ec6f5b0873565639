// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// How it goes:
// 1. A pass at the start. It leaves its connections open, so that the next one costs a round trip for the listing.
// 2. A change in the store, or a word from the server in IDLE, is followed by a pass at once; those that come within a
//    few milliseconds share it. Our own pass's changes come back that way too: the pass that follows finds nothing.
// 3. Else a pass every minute (option interval), since IDLE tells of INBOX only.
// 4. After a failure, pauses that double, up to ten minutes; a change does not shorten them. A refused login is tried
//    again at the longest interval only: servers lock accounts.
#include "sync/engine/engine.h"

#include <sysexits.h>

#include <asio/co_spawn.hpp>
#include <asio/post.hpp>
#include <asio/redirect_error.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>

#include <algorithm>
#include <chrono>
#include <random>

#include "sync/imap/login/refused_login.h"

namespace mirror {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr milliseconds kGather{5};  // after a change, for those that come with it
constexpr seconds kFirstPause{5}, kLongestPause{600};
constexpr seconds kLookAtConfig{2};  // while the sync cannot go on

milliseconds pause_after(int failures, bool login) {
  auto pause = std::chrono::duration_cast<milliseconds>(kLongestPause);
  if (!login && failures < 8) pause = std::min<milliseconds>(pause, kFirstPause * (1 << (failures - 1)));
  static std::minstd_rand random{std::random_device{}()};
  return pause + pause * static_cast<int>(random() % 100) / 400;
}

}  // namespace

// While it lives nobody else uses the accounts.
class Engine::Turn {
 public:
  explicit Turn(Engine& engine) : engine_(engine) { engine_.busy_ = true; }
  ~Turn() {
    if (engine_.running_) engine_.running_->use_environment({});
    engine_.busy_ = false;
    engine_.running_ = nullptr;
    engine_.running_for_ = nullptr;
    engine_.turn_.cancel_one();
  }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;

 private:
  Engine& engine_;
};

Engine::Engine(asio::any_io_executor executor, store::MailStore& mail_store, base::Log log)
    : executor_(std::move(executor)),
      store_(mail_store),
      log_(std::move(log)),
      event_(executor_),
      turn_(executor_, asio::steady_timer::time_point::max()) {}

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

base::Result<Config> Engine::read(const std::filesystem::path& file) const {
  auto config = read_config(file);
  if (!config) return config;
  if (config->local.type != ServerConfig::Type::Store || !is_same_directory(config->local.path, store_.root()))
    return base::refuse(base::Reason::Configuration,
                        file.string() + ": [local] is not the store " + store_.root().string());
  return config;
}

std::optional<std::string> Engine::trouble_with(const std::filesystem::path& file) const {
  const std::string off = "Mail is served, but not synchronised: the configuration";
  const auto config = read_config(file);
  if (!config) {
    const std::string &why = config.error().text, name = file.string();
    return off + (why.starts_with(name) ? why.substr(name.size()) : ": " + why);
  }
  if (!read(file)) return off + " is about another store";
  return std::nullopt;
}

// Only for who has the turn: an account that is replaced is not at work.
base::Result<std::shared_ptr<Account>> Engine::account_for(const std::filesystem::path& file) {
  auto config = read(file);
  if (!config) return std::unexpected(config.error());
  if (account_ && account_->config() == *config) return account_;
  try {
    account_ = std::make_shared<Account>(std::move(*config), &store_, log_);
  } catch (const Failure& failure) {
    return base::refuse(failure.reason, failure.what());
  }
  if (const auto exposed = exposed_password(account_->config()); !exposed.empty())
    log_.warning("a password is exposed", {{"what", exposed}});
  return account_;
}

asio::awaitable<std::unique_ptr<Engine::Turn>> Engine::take_turn() {
  while (busy_ && !stopping_) {
    asio::error_code ignored;
    co_await turn_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  }
  if (stopping_) throw Failure(base::Reason::Failed, "imapd is shutting down");
  co_return std::make_unique<Turn>(*this);
}

asio::awaitable<int> Engine::run(std::filesystem::path file, Words words, CommandOutput& output) {
  const auto refuse = [&](const base::Refusal& why) {
    output.complain(why.text);
    return exit_code_of(why.reason);
  };
  auto config = read(file);
  if (!config) co_return refuse(config.error());
  if (words.command == "status") {  // it only reads, and waits for nobody
    Account reader(std::move(*config), &store_, log_);
    co_return co_await run_command(reader, words, output);
  }
  give_way_to(*config);
  const auto turn = co_await take_turn();
  if (!output.is_heard()) co_return EX_TEMPFAIL;  // ended (Ctrl-C) while it waited
  const auto account = account_for(file);
  if (!account) co_return refuse(account.error());
  running_ = *account;
  running_for_ = &output;
  running_->keep_connections(started_);
  running_->use_environment(words.environment);
  const int code = co_await run_command(*running_, words, output);
  if (words.command == "sync" && (code <= 1 || code == kHeldExit)) on_good_news();
  if (code == 0 && (words.command == "allow" || words.command == "restore" || words.command == "undo")) kick();
  co_return code;
}

// What is under way with a configuration that has been mended since may wait for a password that nobody types.
void Engine::give_way_to(const Config& config) {
  if (!running_ || running_->config() == config) return;
  superseded_ = running_;
  running_->close_connections();
}

// Somebody's pass went well: what the background has failed at is over.
void Engine::on_good_news() {
  if (failures_ == 0) return;
  failures_ = 0;
  log_.info("the sync works again", {});
  kick();
}

void Engine::cancel(const CommandOutput& output) {
  if (running_ && running_for_ == &output) running_->close_connections();
}

void Engine::start(const std::filesystem::path& config) {
  if (std::exchange(started_, true)) return;
  subscription_ = store_.subscribe([this](const store::StoreEvent&) { asio::post(executor_, [this] { kick(); }); });
  spawn(background(config));
}

void Engine::kick() {
  if (kicked_) return;
  kicked_ = true;
  if (failures_ == 0) event_.cancel();
}

void Engine::stop(std::function<void()> stopped) {
  stopping_ = true;
  subscription_.reset();
  event_.cancel();
  turn_.cancel();
  if (running_) running_->close_connections();
  if (watcher_) watcher_->close();
  stopped_ = std::move(stopped);
  if (coroutines_ == 0) std::exchange(stopped_, nullptr)();
}

asio::awaitable<void> Engine::wait(milliseconds at_most) {
  event_.expires_after(at_most);
  asio::error_code ignored;
  co_await event_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
}

asio::awaitable<void> Engine::background(std::filesystem::path config) {
  while (!stopping_) {
    kicked_ = false;
    co_await pass_in_background(config);
    if (stopping_) break;
    if (failures_ == 0 && account_ && !watching_ && std::chrono::steady_clock::now() >= next_watch_)
      spawn(watch_remote(account_));
    const bool login = last_reason_ == base::Reason::Authentication || last_reason_ == base::Reason::Configuration;
    const auto interval = account_ ? account_->config().interval : seconds(60);
    if (failures_ > 0)
      co_await wait_for_change(
          config, std::max(pause_after(failures_, login), suggested_pause(last_failure_).value_or(milliseconds(0))));
    else if (!kicked_)
      co_await wait(interval);
    if (kicked_ && !stopping_) co_await wait(kGather);
  }
}

// At most so long, and no longer than until the failure is over or the configuration is another file: it may be mended.
asio::awaitable<void> Engine::wait_for_change(std::filesystem::path config, milliseconds at_most) {
  const auto until = std::chrono::steady_clock::now() + at_most;
  for (;;) {
    const auto left = std::chrono::duration_cast<milliseconds>(until - std::chrono::steady_clock::now());
    if (left <= milliseconds(0) || stopping_ || failures_ == 0) co_return;
    if (config_stamp(config) != config_stamp_) {
      failures_ = 1;  // the pauses begin anew
      co_return;
    }
    co_await wait(std::min<milliseconds>(left, kLookAtConfig));
  }
}

asio::awaitable<void> Engine::pass_in_background(std::filesystem::path config) {
  const auto turn = co_await take_turn();
  config_stamp_ = config_stamp(config);
  const auto account = account_for(config);
  std::optional<base::Refusal> end;
  if (!account) {
    end = account.error();
  } else {
    running_ = *account;
    running_->keep_connections(true);
    running_->try_all_held(false);
    const auto result = co_await running_->run_pass();
    if (std::exchange(superseded_, nullptr) == running_) {
      account_ = nullptr;  // nor is its server watched
      kicked_ = true;      // the next pass is with the mended one
      co_return;
    }
    end = result.end;
    if (!end && result.counts.any()) log_.info("synchronised", {{"summary", result.summary()}});
    for (const auto& problem : result.problems)
      if (std::ranges::find(problems_, problem) == problems_.end()) log_.warning("left undone", {{"what", problem}});
    problems_ = result.problems;
  }
  if (stopping_) co_return;
  last_reason_ = end ? end->reason : base::Reason::Failed;
  if (!end) {
    if (failures_ > 0) log_.info("the sync works again", {});
    failures_ = 0;
    co_return;
  }
  if (++failures_ == 1 || last_failure_ != end->text) log_.warning("the sync cannot go on", {{"why", end->text}});
  last_failure_ = end->text;
}

}  // namespace mirror
