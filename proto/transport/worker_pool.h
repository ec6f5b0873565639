// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// WorkerPool: a few threads for what waits on the disk or burns CPU, so that no coroutine stalls another.
#pragma once

#include <asio/any_io_executor.hpp>
#include <asio/async_result.hpp>
#include <asio/awaitable.hpp>
#include <asio/execution/outstanding_work.hpp>
#include <asio/post.hpp>
#include <asio/prefer.hpp>
#include <asio/this_coro.hpp>
#include <asio/thread_pool.hpp>
#include <asio/use_awaitable.hpp>

#include <cstddef>
#include <exception>
#include <optional>
#include <type_traits>
#include <utility>

namespace transport {

// Sized for waiting, not for cores (eight or more): a long SEARCH holds one thread, and must not hold the last.
// Work given to the pool refers to the coroutine that waits for it: join() before the io_context is destroyed.
class WorkerPool {
 public:
  explicit WorkerPool(std::size_t threads) : pool_(threads) {}

  // Calls f() on one of the threads and returns its result, or throws what it threw, back on the caller's executor.
  // Not cancellable: what may take long asks a flag of its own.
  template <class F>
  asio::awaitable<std::invoke_result_t<F&>> run(F f) {
    using R = std::invoke_result_t<F&>;
    using Kept = std::conditional_t<std::is_void_v<R>, bool, R>;
    std::optional<Kept> result;
    std::exception_ptr error;
    auto home = co_await asio::this_coro::executor;
    auto start = [&](auto handler) {
      auto tracked = asio::prefer(home, asio::execution::outstanding_work.tracked);
      asio::post(pool_, [&, tracked, handler = std::move(handler)]() mutable {
        try {
          if constexpr (std::is_void_v<R>) {
            f();
          } else {
            result.emplace(f());
          }
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

}  // namespace transport
