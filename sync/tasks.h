// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Tasks: work on other threads that a coroutine waits for (Workers), and a
// coroutine that runs beside another one until it is joined (Started).
#pragma once

#include <asio/any_io_executor.hpp>
#include <asio/async_result.hpp>
#include <asio/awaitable.hpp>
#include <asio/co_spawn.hpp>
#include <asio/execution/outstanding_work.hpp>
#include <asio/post.hpp>
#include <asio/prefer.hpp>
#include <asio/redirect_error.hpp>
#include <asio/steady_timer.hpp>
#include <asio/this_coro.hpp>
#include <asio/thread_pool.hpp>
#include <asio/use_awaitable.hpp>

#include <cstddef>
#include <exception>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

namespace mirror {

// Threads for what waits on the disk. Work refers to the coroutine that waits
// for it: join() before the io_context goes.
class Workers {
 public:
  explicit Workers(std::size_t threads) : pool_(threads) {}

  // Calls f() on one of the threads; returns or throws as it did, back on the
  // caller's executor.
  template <class F>
  asio::awaitable<std::invoke_result_t<F&>> run(F f) {
    using R = std::invoke_result_t<F&>;
    std::optional<std::conditional_t<std::is_void_v<R>, bool, R>> result;
    std::exception_ptr error;
    auto home = co_await asio::this_coro::executor;
    auto start = [&](auto handler) {
      auto tracked = asio::prefer(home, asio::execution::outstanding_work.tracked);
      asio::post(pool_, [&, tracked, handler = std::move(handler)]() mutable {
        try {
          if constexpr (std::is_void_v<R>)
            f();
          else
            result.emplace(f());
        } catch (...) {
          error = std::current_exception();
        }
        asio::post(tracked, std::move(handler));
      });
    };
    co_await asio::async_initiate<const asio::use_awaitable_t<>&, void()>(start, asio::use_awaitable);
    if (error) std::rethrow_exception(error);
    if constexpr (!std::is_void_v<R>) co_return std::move(*result);
  }

  void join() { pool_.join(); }

 private:
  asio::thread_pool pool_;
};

// A coroutine without result that was started and must be joined, also when
// something else has failed: what it refers to must live until then.
class Started {
 public:
  void start(asio::any_io_executor executor, asio::awaitable<void> work) {
    state_ = std::make_shared<State>(executor);
    asio::co_spawn(executor, std::move(work), [state = state_](std::exception_ptr error) {
      state->error = error;
      state->done = true;
      state->event.cancel();
    });
  }
  bool running() const { return state_ && !state_->done; }

  asio::awaitable<void> join() {  // throws what the work threw
    const auto state = std::exchange(state_, nullptr);
    if (!state) co_return;
    while (!state->done) {
      asio::error_code ignored;
      co_await state->event.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    }
    if (state->error) std::rethrow_exception(state->error);
  }

 private:
  struct State {
    explicit State(const asio::any_io_executor& executor) : event(executor, asio::steady_timer::time_point::max()) {}
    asio::steady_timer event;
    std::exception_ptr error;
    bool done = false;
  };
  std::shared_ptr<State> state_;
};

}  // namespace mirror
