// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// DailyVerification: compares an account's two sides in the background, every so many days (option verify-every), when
// nothing has happened for a while; a mailbox at a time, so that passes go on in between. What differs is told, and
// nothing is done about it.
#pragma once

#include <asio/awaitable.hpp>

#include <chrono>
#include <memory>
#include <optional>

#include "proto/base/log.h"
#include "sync/account/verify.h"

namespace mirror {

class DailyVerification {
 public:
  explicit DailyVerification(base::Log log) : log_(std::move(log)) {}

  void pass_ended(bool found_nothing) { quiet_passes_ = found_nothing ? quiet_passes_ + 1 : 0; }
  bool wants_turn(Account& account);  // it is under way, or due
  // Between two mailboxes; nullopt: it is not under way.
  std::optional<std::chrono::seconds> pause() const;
  // Only for who has the account's turn. Throws nothing of what may happen at a server.
  asio::awaitable<void> step(std::shared_ptr<Account> account);

 private:
  void tell(const VerifyResult& result) const;

  base::Log log_;
  int quiet_passes_ = 0;
  std::shared_ptr<Account> account_;            // of the verification
  std::unique_ptr<Verification> verification_;  // under way
  std::chrono::steady_clock::time_point not_before_{};
};

}  // namespace mirror
