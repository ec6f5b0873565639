// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "sync/engine/daily_verification.h"

#include <algorithm>

#include "proto/base/clock.h"

namespace mirror {

namespace {
constexpr int kQuietPasses = 10;                  // one after the other, before it begins
constexpr std::uint64_t kTextsADay = 32'000'000;  // octets of texts that the server is asked for
constexpr std::chrono::seconds kPause{5};
constexpr std::chrono::hours kAfterFailure{1};
constexpr std::size_t kDifferencesTold = 20;
}  // namespace

bool DailyVerification::wants_turn(Account& account) {
  if (verification_ && account_.get() == &account) return true;
  verification_ = nullptr;
  account_ = nullptr;
  const std::chrono::seconds every = account.config().verify_every;
  if (every.count() == 0 || quiet_passes_ < kQuietPasses || std::chrono::steady_clock::now() < not_before_)
    return false;
  return base::unix_now() - last_verified(account.journal()).when >= every.count();
}

std::optional<std::chrono::seconds> DailyVerification::pause() const {
  return verification_ ? std::optional(kPause) : std::nullopt;
}

asio::awaitable<void> DailyVerification::step(std::shared_ptr<Account> account) {
  if (!wants_turn(*account)) co_return;
  if (!verification_)
    verification_ = std::make_unique<Verification>(*account, VerifyLimits{.reads_here = false, .octets = kTextsADay});
  account_ = account;
  try {
    const bool more = co_await verification_->step();
    if (more) co_return;
    tell(verification_->result());
  } catch (const std::exception& error) {
    log_.info("both sides could not be compared", {{"why", error.what()}});
    not_before_ = std::chrono::steady_clock::now() + kAfterFailure;
  }
  verification_ = nullptr;
  account_ = nullptr;
}

void DailyVerification::tell(const VerifyResult& result) const {
  log_.info("both sides were compared", {{"mailboxes", result.mailboxes}, {"differences", result.differences.size()}});
  for (std::size_t i = 0; i < std::min(result.differences.size(), kDifferencesTold); ++i)
    log_.warning("both sides differ", {{"what", result.differences[i]}});
}

}  // namespace mirror
