// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// ImapPool: the connections to one server. A mailbox that is open holds a lease on one.
#pragma once

#include <asio/any_io_executor.hpp>
#include <asio/awaitable.hpp>
#include <asio/steady_timer.hpp>

#include <cstddef>
#include <memory>
#include <vector>

#include "sync/client/connect.h"
#include "sync/replica.h"
#include "sync/started.h"

namespace mirror {

class ImapPool : public std::enable_shared_from_this<ImapPool> {
 public:
  // A connection for one user; goes back into the pool at its end, unless it is in the middle of something.
  class Lease {
   public:
    Lease(std::shared_ptr<ImapPool> pool, Connected connected) : pool_(std::move(pool)), held_(std::move(connected)) {}
    ~Lease() {
      if (pool_) pool_->give_back(std::move(held_));
    }
    Lease(Lease&&) = default;
    Lease& operator=(Lease&&) = delete;
    Client& client() const { return *held_.client; }
    Connected& connected() { return held_; }
    bool selected() const { return held_.selected; }
    // Nobody has used it for seconds: it may have died meanwhile. Asked before the first use.
    bool has_rested() const { return std::chrono::steady_clock::now() - held_.used > kRest; }
    void set_selected(bool selected) { held_.selected = selected; }

   private:
    static constexpr std::chrono::seconds kRest{5};
    std::shared_ptr<ImapPool> pool_;
    Connected held_;
  };

  // `use`: of its connections; the pool says for what each is.
  ImapPool(const ServerConfig& config, std::size_t most, ConnectionUse use)
      : config_(config), most_(most), use_(std::move(use)) {}

  asio::awaitable<Lease> take(Effort effort);
  asio::awaitable<void> log_out();
  void close();  // all of them, also those on lease or not made yet; no others are opened
  std::size_t most() const { return most_; }
  bool is_connecting() const { return !connecting_.empty(); }
  void doubt();  // all of them (Client::doubt)

 private:
  asio::awaitable<void> dial(Purpose purpose, Connected& made);
  void give_back(Connected connected);
  void forget(const Connected& connected);
  void wake();  // those who wait for a connection look again
  bool suits(const Connected& connected, Effort effort) const;

  const ServerConfig& config_;
  std::size_t most_;  // shrinks when the server allows fewer
  std::size_t open_ = 0;
  ConnectionUse use_;
  std::vector<Connected> idle_;
  std::vector<Client*> all_;
  std::vector<Started*> connecting_;
  bool closed_ = false;
  std::shared_ptr<asio::steady_timer> given_back_;
};

}  // namespace mirror
