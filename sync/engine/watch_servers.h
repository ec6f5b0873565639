// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// WatchServers: keeps two foreign servers the same until it is told to stop; for an account without the built-in store.
#pragma once

#include <asio/any_io_executor.hpp>
#include <asio/awaitable.hpp>
#include <asio/steady_timer.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "sync/account/account.h"
#include "sync/engine/server_news.h"

namespace mirror {

struct WatchRules {
  std::chrono::seconds interval{60};  // between two passes that nothing asked for
  bool hears = false;                 // also passes as soon as a server says that something has changed
};

class WatchServers {
 public:
  // The account outlives it. `tell` is given what each pass has done.
  WatchServers(asio::any_io_executor executor, Account& account, WatchRules rules,
               std::function<void(const PassResult&)> tell);
  ~WatchServers();

  // Passes until stop(), and returns the exit code. The first pass decides whether it can go on at all: what only a
  // person can mend ends it. After that a failure is followed by a pause that doubles.
  asio::awaitable<int> run();
  void stop();  // from the same thread: what is under way ends soon

 private:
  asio::awaitable<void> wait(std::chrono::milliseconds at_most);
  std::chrono::milliseconds pause_after(const PassResult& result);
  void hear();
  void on_news();

  asio::any_io_executor executor_;
  Account& account_;
  WatchRules rules_;
  std::function<void(const PassResult&)> tell_;
  asio::steady_timer event_;
  std::vector<std::shared_ptr<ServerNews>> news_;
  int failures_ = 0;  // one after the other
  bool stopping_ = false, kicked_ = false;
};

}  // namespace mirror
