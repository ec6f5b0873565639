// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Started: a coroutine that runs beside another one until it is joined.
#pragma once

#include <asio/any_io_executor.hpp>
#include <asio/awaitable.hpp>
#include <asio/bind_cancellation_slot.hpp>
#include <asio/cancellation_signal.hpp>
#include <asio/co_spawn.hpp>
#include <asio/redirect_error.hpp>
#include <asio/steady_timer.hpp>
#include <asio/use_awaitable.hpp>

#include <exception>
#include <memory>
#include <utility>

namespace mirror {

// A coroutine without result that was started and must be joined, also when
// something else has failed: what it refers to must live until then.
class Started {
 public:
  void start(asio::any_io_executor executor, asio::awaitable<void> work) {
    state_ = std::make_shared<State>(executor);
    asio::co_spawn(executor, std::move(work),
                   asio::bind_cancellation_slot(state_->cancel.slot(), [state = state_](std::exception_ptr error) {
                     state->error = error;
                     state->done = true;
                     state->event.cancel();
                   }));
  }
  // What it waits for fails; it must be joined nevertheless.
  void cancel() {
    if (running()) state_->cancel.emit(asio::cancellation_type::terminal);
  }
  bool running() const { return state_ && !state_->done; }

  asio::awaitable<void> join() {  // throws what the work threw
    const auto state = state_;
    if (!state) co_return;
    while (!state->done) {
      asio::error_code ignored;
      co_await state->event.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    }
    if (state_ == state) state_ = nullptr;
    if (state->error) std::rethrow_exception(state->error);
  }

 private:
  struct State {
    explicit State(const asio::any_io_executor& executor) : event(executor, asio::steady_timer::time_point::max()) {}
    asio::steady_timer event;
    asio::cancellation_signal cancel;
    std::exception_ptr error;
    bool done = false;
  };
  std::shared_ptr<State> state_;
};

}  // namespace mirror
