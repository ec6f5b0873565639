// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "sync/cli/hooks_here.h"

#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/redirect_error.hpp>
#include <asio/use_awaitable.hpp>

#include <utility>

namespace mirror {

HooksHere::HooksHere(asio::any_io_executor executor, Account& account)
    : quiet_(executor, asio::steady_timer::time_point::max()) {
  const auto spawn = [executor](asio::awaitable<void> work) {
    asio::co_spawn(executor, std::move(work), asio::detached);
  };
  hooks_ = std::make_shared<Hooks>(spawn, base::Log());
  hooks_->on_quiet = [this] { quiet_.cancel(); };
  account.on_pass_end([this, &account](const PassResult& result, const ProblemNews& problems) {
    hooks_->tell(account.config(), result, problems);
  });
}

asio::awaitable<void> HooksHere::ended() {
  while (hooks_->is_busy()) {
    asio::error_code ignored;
    co_await quiet_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  }
}

}  // namespace mirror
