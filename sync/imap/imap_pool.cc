// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "sync/imap/imap_pool.h"

#include <asio/redirect_error.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>

#include <algorithm>

namespace mirror {

// On a link faster than deflate, bulk goes over a connection that is not compressed, unless it is to be (compress).
bool ImapPool::suits(const Connected& connected, Effort effort) const {
  return effort == Effort::Little || !connected.client->is_compressed() || compresses(config_, Purpose::Bulk);
}

asio::awaitable<ImapPool::Lease> ImapPool::take(Effort effort) {
  const auto self = shared_from_this();
  for (;;) {
    if (closed_) throw Failure(base::Reason::Failed, "the sync was stopped");
    auto at = std::ranges::find_if(idle_, [&](const Connected& one) { return suits(one, effort); });
    if (at == idle_.end() && open_ >= most_) at = idle_.begin();
    if (at != idle_.end()) {
      auto connected = std::move(*at);
      idle_.erase(at);
      co_return Lease(self, std::move(connected));
    }
    if (open_ < most_) {
      ++open_;
      const bool first = open_ == 1;
      std::exception_ptr fault;
      Connected made;
      Started connecting;
      connecting.start(co_await asio::this_coro::executor,
                       dial(effort == Effort::Bulk && !first ? Purpose::Bulk : Purpose::Control, made));
      connecting_.push_back(&connecting);
      try {
        co_await connecting.join();
      } catch (...) {
        fault = std::current_exception();
      }
      std::erase(connecting_, &connecting);
      if (closed_) fault = std::make_exception_ptr(Failure(base::Reason::Failed, "the sync was stopped"));
      if (!fault) {
        all_.push_back(made.client.get());
        co_return Lease(self, std::move(made));
      }
      --open_;
      wake();  // who waits for a connection may be the only one left
      if (first || open_ == 0) std::rethrow_exception(fault);
      most_ = open_;  // the server, or something between, wants no more of them
      use_.log.info("no further connection", {{"connections", open_}});
      continue;
    }
    const auto executor = co_await asio::this_coro::executor;
    if (!given_back_)
      given_back_ = std::make_shared<asio::steady_timer>(executor, asio::steady_timer::time_point::max());
    const auto event = given_back_;
    asio::error_code ignored;
    co_await event->async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  }
}

asio::awaitable<void> ImapPool::dial(Purpose purpose, Connected& made) {
  auto use = use_;
  use.purpose = purpose;
  made = co_await connect(config_, std::move(use));
}

void ImapPool::give_back(Connected connected) {
  if (!connected.client) return;
  connected.used = std::chrono::steady_clock::now();
  if (connected.client->pending() == 0)
    idle_.push_back(std::move(connected));
  else
    forget(connected);
  wake();
}

void ImapPool::wake() {
  if (given_back_) given_back_->cancel();
}

asio::awaitable<void> ImapPool::log_out() {
  while (!idle_.empty()) {
    const auto connected = std::move(idle_.back());
    idle_.pop_back();
    forget(connected);
    co_await connected.client->log_out();
  }
}

void ImapPool::forget(const Connected& connected) {
  --open_;
  std::erase(all_, connected.client.get());
}

void ImapPool::doubt() {
  for (auto* client : all_) client->doubt();
}

void ImapPool::close() {
  closed_ = true;
  for (auto* client : all_) client->close();
  for (auto* connecting : connecting_) connecting->cancel();
  wake();
}

}  // namespace mirror
