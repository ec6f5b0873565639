// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "sync/client/password_command.h"

#include <asio/redirect_error.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>

#include <system_error>
#include <utility>

#include "proto/base/printable.h"
#include "proto/message_data.h"
#include "proto/transport/run_command.h"
#include "sync/replica.h"

namespace mirror {

namespace {

// The first line that the command prints. It may wait for a person, and holds up nobody else. What a command printed
// that failed is an explanation, and no password.
asio::awaitable<base::Secret> run(const ServerConfig& config, const std::vector<std::string>& environment) {
  transport::CommandRun command{.command = config.password_command, .environment = environment, .may_ask = true};
  command.patience = config.password_timeout;
  transport::CommandEnd end;
  try {
    end = co_await transport::run_command(std::move(command));
  } catch (const std::system_error&) {  // it cannot be started, or the pass was ended: without a status
  }
  const auto refuse = [&](const std::string& why) {
    throw Failure(base::Reason::Configuration, "[" + config.section + "] password-command gave no password" + why);
  };
  if (end.late) refuse(" in " + std::to_string(config.password_timeout.count()) + " seconds (password-timeout)");
  const auto errors = base::printable(imap::collapse_spaces(end.errors));
  if (end.status != 0)
    refuse((end.status ? ": it ended with status " + std::to_string(*end.status) : std::string()) +
           (errors.empty() ? "" : ", and said: " + errors));
  const auto password = end.out.substr(0, end.out.find('\n'));
  if (password.empty()) refuse(errors.empty() ? "" : "; it said: " + errors);
  co_return base::Secret(password);
}

}  // namespace

asio::awaitable<base::Secret> GivenPassword::get(const ServerConfig& config) {
  while (!password_ && asking_) {
    const auto event = asking_;
    asio::error_code ignored;
    co_await event->async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  }
  if (password_) co_return *password_;
  const auto executor = co_await asio::this_coro::executor;
  // Also where this coroutine is ended while the command waits.
  struct Asking {
    explicit Asking(std::shared_ptr<asio::steady_timer>& e) : event(e) {}
    ~Asking() { std::exchange(event, nullptr)->cancel(); }
    std::shared_ptr<asio::steady_timer>& event;
  };
  asking_ = std::make_shared<asio::steady_timer>(executor, asio::steady_timer::time_point::max());
  const Asking asking(asking_);
  auto password = co_await run(config, environment);
  password_ = password;
  co_return password;
}

void GivenPassword::forget(const base::Secret& refused) {
  if (password_ == refused) password_.reset();
}

}  // namespace mirror
