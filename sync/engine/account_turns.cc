// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "sync/engine/account_turns.h"

#include <asio/redirect_error.hpp>
#include <asio/use_awaitable.hpp>

#include <utility>

namespace mirror {

AccountTurns::Turn::~Turn() {
  if (turns_.running_) {
    turns_.running_->use_environment({});
    turns_.running_->limit_to({});
  }
  turns_.busy_ = false;
  turns_.running_ = nullptr;
  turns_.running_for_ = nullptr;
  if (turns_.leaving_) turns_.drop_account();
  turns_.turn_.cancel_one();
}

AccountTurns::AccountTurns(const asio::any_io_executor& executor, store::MailStore* mail_store, base::Log log,
                           PassEnded ended)
    : store_(mail_store),
      log_(std::move(log)),
      ended_(std::move(ended)),
      turn_(executor, asio::steady_timer::time_point::max()) {}

asio::awaitable<std::unique_ptr<AccountTurns::Turn>> AccountTurns::take() {
  while (busy_ && !stopping_) {
    asio::error_code ignored;
    co_await turn_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  }
  if (stopping_) throw Failure(base::Reason::Failed, "imapd is shutting down");
  co_return std::make_unique<Turn>(*this);
}

base::Result<std::shared_ptr<Account>> AccountTurns::use(const Config& config, const CommandOutput* output) {
  leaving_ = false;
  if (!account_ || account_->config() != config) {
    drop_account();
    try {
      account_ = std::make_shared<Account>(config, store_, log_);
      account_->use_tracing(tracing_);
      account_->on_pass_end(
          [this, config](const PassResult& result, const ProblemNews& problems) { ended_(config, result, problems); });
    } catch (const Failure& failure) {
      return base::refuse(failure.reason, failure.what());
    }
    if (const auto exposed = exposed_password(config); !exposed.empty())
      log_.warning("a password is exposed", {{"what", exposed}});
  }
  running_ = account_;
  running_for_ = output;
  return running_;
}

// Whoever still listens to its servers keeps the account, but not its state.
void AccountTurns::drop_account() {
  if (account_) account_->journal().give_up();
  account_ = nullptr;
}

void AccountTurns::leave() {
  leaving_ = true;
  if (!busy_) drop_account();
}

void AccountTurns::give_way_to(const Config& config) {
  if (!running_ || running_->config() == config) return;
  superseded_ = running_;
  running_->close_connections();
}

bool AccountTurns::was_superseded(const std::shared_ptr<Account>& account) {
  if (std::exchange(superseded_, nullptr) != account) return false;
  drop_account();  // nor is its server watched
  return true;
}

void AccountTurns::cancel(const CommandOutput& output) {
  if (running_ && running_for_ == &output) running_->close_connections();
}

void AccountTurns::stop() {
  stopping_ = true;
  turn_.cancel();
  if (running_) running_->close_connections();
}

}  // namespace mirror
