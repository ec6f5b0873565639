// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// HooksHere: the hooks of an account whose passes this process does by itself, between two foreign servers.
#pragma once

#include <asio/any_io_executor.hpp>
#include <asio/awaitable.hpp>
#include <asio/steady_timer.hpp>

#include <memory>

#include "sync/account/account.h"
#include "sync/hooks/hooks.h"

namespace mirror {

class HooksHere {
 public:
  // From now on they are told of the account's passes. The account and this live until ended() has come to its end.
  HooksHere(asio::any_io_executor executor, Account& account);
  HooksHere(const HooksHere&) = delete;
  HooksHere& operator=(const HooksHere&) = delete;

  asio::awaitable<void> ended();  // waits until none runs

 private:
  asio::steady_timer quiet_;
  std::shared_ptr<Hooks> hooks_;
};

}  // namespace mirror
